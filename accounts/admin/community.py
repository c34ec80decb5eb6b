from django import forms
from django.contrib import admin
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminSelect2Widget

from accounts.models import Community
from accounts.services import community
from community.lib import pictures
from community.lib.admin import TellsChanges
from community.lib.money import currency_choices


class CommunityForm(forms.ModelForm):
    currency = forms.ChoiceField(
        label=_("Currency"), choices=currency_choices, widget=UnfoldAdminSelect2Widget
    )

    class Meta:
        model = Community
        fields = [
            *("name", "tagline", "goal", "audience", "member_gets", "not_offered"),
            *("culture", "introductions"),
            *("accent", "logo", "language", "currency", "bank_details", "join_mode"),
            *("answer_hours", "campaign_points"),
        ]
        widgets = {"accent": forms.TextInput(attrs={"placeholder": "#b8321a"})}
        help_texts = {"logo": _("PNG, JPEG or WebP; shown as a small square.")}

    def clean_logo(self):
        upload = self.cleaned_data["logo"]
        if not isinstance(upload, UploadedFile):
            return upload
        try:
            return pictures.mark(upload)
        except pictures.NotAPicture as error:
            raise forms.ValidationError(str(error)) from error


@admin.register(Community)
class CommunityAdmin(TellsChanges, ModelAdmin):
    form = CommunityForm

    def has_add_permission(self, request):
        return not Community.objects.exists()

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        obj.pk = 1
        super().save_model(request, obj, form, change)
        community.forget()
        community.name_the_site()
