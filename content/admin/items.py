"""The library's items of every kind."""

from django import forms
from django.contrib import admin
from django.db.models import Q
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline, TabularInline
from unfold.decorators import action
from unfold.widgets import INPUT_CLASSES

from accounts.models import Space
from community.lib import pictures
from community.lib.admin import row_or_404
from content.admin.editorial import EditorialActions
from content.admin.own import OwnAdmin
from content.forms.tags import accepted_tags
from content.models import (
    CaseStudy,
    Item,
    ItemFile,
    News,
    Recording,
    Report,
    Section,
)
from content.services import items, revisions


class SectionInline(TabularInline):
    model = Section
    extra = 1


class ItemFileInline(TabularInline):
    model = ItemFile
    extra = 0


class CaseInline(StackedInline):
    model = CaseStudy


class NewsInline(StackedInline):
    model = News


class ReportInline(StackedInline):
    model = Report


class RecordingInline(StackedInline):
    model = Recording


INLINES = {
    Item.Kind.COURSE: [SectionInline],
    Item.Kind.CASE: [CaseInline, ItemFileInline],
    Item.Kind.NEWS: [NewsInline, ItemFileInline],
    Item.Kind.REPORT: [ReportInline, ItemFileInline],
    Item.Kind.RECORDING: [RecordingInline, ItemFileInline],
}


class ItemForm(forms.ModelForm):
    """An item's row; a cover is uploaded beside it, and made anew."""

    new_cover = forms.FileField(
        label=_("Cover"),
        required=False,
        help_text=_(
            "PNG, JPEG or WebP; best 1200 by 675 pixels or more, at least 400 by 225."
        ),
    )
    no_cover = forms.BooleanField(label=_("Remove the cover"), required=False)

    class Meta:
        model = Item
        fields = [
            *("kind", "title", "slug", "summary", "description", "body", "tags"),
            *("field", "difficulty", "format", "language", "column"),
            *("author", "space", "access", "level_needed", "included_in_membership"),
            "gives_certificate",
            "in_cohorts_only",
            "has_watermark",
            *("review_by", "cover_alt"),
        ]

    def clean_tags(self):
        return accepted_tags(self.instance, self.cleaned_data["tags"])

    def clean_new_cover(self):
        upload = self.cleaned_data["new_cover"]
        try:
            return upload and pictures.cover(upload)
        except pictures.NotAPicture as error:
            raise forms.ValidationError(str(error)) from error


SCHEDULED = _("Scheduled")
# What is decided on an item's way: by the steps alone.
DECIDED = ["state", "published_at", "reviewer", "checked_on"]


class Stage(admin.SimpleListFilter):
    """The state, as the clock has it: what is accepted for later is not live yet."""

    title = _("state")
    parameter_name = "stage"

    def lookups(self, request, model_admin):
        return [*Item.State.choices, ("scheduled", SCHEDULED)]

    def queryset(self, request, queryset):
        if self.value() == "scheduled":
            return queryset.filter(
                state=Item.State.LIVE, published_at__gt=timezone.now()
            )
        if self.value() == Item.State.LIVE:
            return queryset.live()
        return queryset.filter(state=self.value()) if self.value() else queryset


@admin.register(Item)
class ItemAdmin(EditorialActions, OwnAdmin):
    form = ItemForm
    list_display = ["title", "kind", "access", "author", "stage", "published_at"]
    list_filter = [Stage, "kind", "access", "field", "language", "space"]
    list_select_related = ["author"]
    search_fields = ["title", "summary"]
    autocomplete_fields = ["author", "space", "field"]
    prepopulated_fields = {"slug": ["title"]}
    fields = [*ItemForm.Meta.fields, "new_cover", "no_cover", *DECIDED]
    actions_detail = ["in_studio"]
    show_full_result_count = False

    @admin.display(description=_("state"), ordering="state")
    def stage(self, item):
        return SCHEDULED if item.is_scheduled else item.get_state_display()

    def get_readonly_fields(self, request, obj=None):
        """The kind, once it is made: what belongs to it would be lost to its pages."""
        fixed = [*DECIDED, "kind"] if obj else DECIDED
        return fixed if request.user.is_operator else [*fixed, "author"]

    def has_delete_permission(self, request, obj=None):
        """What is live or on its way leaves the library by a step, with its reason."""
        is_away = obj is None or obj.state in {Item.State.DRAFT, Item.State.ARCHIVED}
        return is_away and super().has_delete_permission(request, obj)

    @action(description=_("Steps and remarks, in the studio"), url_path="in-studio")
    def in_studio(self, request, object_id):
        return redirect("content:item_manage", row_or_404(self, request, object_id).pk)

    def get_inlines(self, request, obj):
        """What only one kind has; before the first save the kind is not known."""
        return INLINES.get(obj.kind, [ItemFileInline]) if obj else []

    def get_form(self, request, obj=None, **kwargs):
        form = super().get_form(request, obj, **kwargs)
        if "tags" in form.base_fields:  # taggit's own widget knows no theme
            form.base_fields["tags"].widget.attrs["class"] = " ".join(INPUT_CLASSES)
        return form

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "space" and not request.user.is_operator:
            kwargs["queryset"] = Space.objects.visible_to(request.user)
        if db_field.name == "column" and not request.user.is_operator:
            shown = request.resolver_match.kwargs.get("object_id")
            kwargs["queryset"] = Item.objects.filter(
                Q(author=request.user) | Q(articles=shown), kind=Item.Kind.COLUMN
            ).distinct()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request, obj, form, change):
        if change:
            revisions.note(thing=obj, by=None)  # what it was until now; it is held
            obj.refresh_from_db(fields=DECIDED)  # a step meanwhile stands
        items.render(obj)
        if not obj.author_id and not request.user.is_operator:
            obj.author = request.user
        super().save_model(request, obj, form, change)
        if made := form.cleaned_data.get("new_cover"):
            items.set_cover(item=obj, made=made)
        elif form.cleaned_data.get("no_cover"):
            items.drop_cover(item=obj)

    def save_formset(self, request, form, formset, change):
        super().save_formset(request, form, formset, change)
        if formset.model is CaseStudy:
            for case in formset.queryset.all():
                items.tell_case(case)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        revisions.note(thing=form.instance, by=request.user)
