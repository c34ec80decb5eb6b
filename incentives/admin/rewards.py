from django import forms
from django.contrib import admin
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminSelect2Widget

from accounts import sellable
from accounts.admin.journal import Journaled
from community.lib import pictures
from incentives.models import Reward
from incentives.services import rewards


class RewardForm(forms.ModelForm):
    what = forms.ChoiceField(
        label=_("What it opens"),
        required=False,
        choices=sellable.choices,
        widget=UnfoldAdminSelect2Widget,
        help_text=_("Only for a course, a space or a bundle."),
    )

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["stock"].show_hidden_initial = True

    def clean(self):
        cleaned = super().clean()
        seen = self.data.get(self["stock"].html_initial_name)
        self.stock_seen = self.fields["stock"].clean(seen)
        return cleaned

    def clean_picture(self):
        upload = self.cleaned_data["picture"]
        if not isinstance(upload, UploadedFile):
            return upload
        try:
            return pictures.for_text(upload)[0]
        except pictures.NotAPicture as error:
            raise forms.ValidationError(str(error)) from error


@admin.register(Reward)
class RewardAdmin(Journaled, ModelAdmin):
    """What was taken stays as it was: a price that changes is that of the next."""

    form = RewardForm
    journaled = [
        *("kind", "points", "what", "coupon", "days", "stock", "per_member"),
        *("min_level", "since", "until", "is_active"),
    ]
    list_display = ["title", "kind", "points", "stock", "since", "until", "is_active"]
    list_filter = ["kind", "is_active"]
    search_fields = ["title"]
    fields = [
        *("kind", "title", "text", "picture", "points"),
        *("what", "coupon", "days"),
        *("stock", "per_member", "min_level", "since", "until"),
        *("position", "is_active"),
    ]

    def get_readonly_fields(self, request, obj=None):
        return (
            ["kind", "what", "coupon", "days"]
            if obj and obj.redemptions.exists()
            else []
        )

    def save_model(self, request, obj, form, change):
        """Of what is there already, only what was changed: members take of the stock
        while an operator looks at the form."""
        if not change:
            super().save_model(request, obj, form, change)
            return
        changed = set(form.changed_data)
        obj.save(update_fields=changed - {"stock"})
        if "stock" in changed:
            rewards.change_stock(reward=obj, before=form.stock_seen, after=obj.stock)
        self.note_reason(request, obj, form, change)

    def has_delete_permission(self, request, obj=None):
        return False
