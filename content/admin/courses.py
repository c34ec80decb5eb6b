"""Courses: their sections and lessons, and who takes them."""

from django.contrib import admin
from django.db import transaction
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from accounts.admin.decisions import ReasonForm
from community.lib.admin import (
    AsBefore,
    InlineReadOnly,
    ReadOnlyAdmin,
    ask_first_of_rows,
)
from content.admin.own import OwnAdmin, to_write
from content.models import Cohort, Enrolment, Item, Lesson, Nudge, Section
from content.services import pace, reuse, revisions
from content.services.articles import render_article


@transaction.atomic
def _save(lesson, by):
    if lesson.pk:
        revisions.note(thing=lesson, by=None)  # what it was until now
    lesson.body_html = render_article(lesson.body)
    lesson.save()
    revisions.note(thing=lesson, by=by)
    reuse.pass_on(lesson)


OF_A_LESSON = [
    *("title", "kind", "position", "minutes", "is_preview", "media", "chapters"),
    "body",
]


class LessonInline(StackedInline):
    model = Lesson
    extra = 1
    fields = OF_A_LESSON

    def get_queryset(self, request):
        return super().get_queryset(request).filter(shared_from=None)


def _link_to_original(lesson):
    original = lesson.shared_from
    url = reverse("admin:content_lesson_change", args=[original.pk])
    text = f"{original.section.item}: {original}"
    return format_html('<a href="{}">{}</a>', url, text)


class TakenLessonInline(InlineReadOnly):
    """What was taken from another course is written there."""

    model = Lesson
    verbose_name_plural = _("lessons of other courses")
    fields = ["title", "position", "original"]
    readonly_fields = ["original"]

    def get_queryset(self, request):
        lessons = super().get_queryset(request).filter(shared_from__isnull=False)
        return lessons.select_related("shared_from__section__item")

    @admin.display(description=_("taken from"))
    def original(self, lesson):
        return _link_to_original(lesson)


@admin.register(Section)
class SectionAdmin(OwnAdmin):
    list_display = ["title", "item", "position"]
    list_select_related = ["item"]
    search_fields = ["title", "item__title"]
    autocomplete_fields = ["item"]
    author = "item__author"

    def get_inlines(self, request, obj):
        taken = obj and obj.lessons.filter(shared_from__isnull=False).exists()
        return [LessonInline, TakenLessonInline] if taken else [LessonInline]

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "item":
            kwargs["queryset"] = to_write(Item.objects.courses(), request)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_formset(self, request, form, formset, change):
        for lesson in formset.save(commit=False):
            _save(lesson, request.user)
        for gone in formset.deleted_objects:
            gone.delete()
        formset.save_m2m()


def _is_copy(lesson):
    return lesson is not None and lesson.shared_from_id is not None


@admin.register(Lesson)
class LessonAdmin(OwnAdmin):
    list_display = ["title", "section", "kind", "position", "minutes", "is_preview"]
    list_filter = ["kind", "is_preview"]
    list_select_related = ["section__item"]
    search_fields = ["title", "section__item__title"]
    autocomplete_fields = ["section"]
    author = "section__item__author"
    fields = ["section", *OF_A_LESSON]

    def get_fields(self, request, obj=None):
        return ["original", *self.fields] if _is_copy(obj) else self.fields

    def get_readonly_fields(self, request, obj=None):
        return ["original"] if _is_copy(obj) else []

    @admin.display(description=_("taken from"))
    def original(self, lesson):
        return _link_to_original(lesson)

    def has_change_permission(self, request, obj=None):
        """A copy says what its original says: that is changed, and it follows."""
        return not _is_copy(obj) and super().has_change_permission(request, obj)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "section":
            kwargs["queryset"] = to_write(Section.objects.all(), request, "item__")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request, obj, form, change):
        _save(obj, request.user)


@admin.register(Cohort)
class CohortAdmin(ReadOnlyAdmin):
    """To be found; they are made and changed in the studio."""

    list_display = [
        *("name", "course", "mentor", "starts_on", "ends_on", "seats"),
        *("space", "closed_at"),
    ]
    list_filter = ["starts_on", ("course", AutocompleteSelectFilter)]
    list_filter_submit = True
    list_select_related = ["course", "mentor", "space"]
    search_fields = ["name", "course__title", "mentor__name"]


@admin.register(Nudge)
class NudgeAdmin(ReadOnlyAdmin):
    """Who was asked how it goes, by whom and when."""

    list_display = ["member", "cohort", "by", "at"]
    list_filter = ["at", ("cohort", AutocompleteSelectFilter)]
    list_filter_submit = True
    list_select_related = ["member", "cohort", "by"]
    search_fields = ["member__name", "member__username", "cohort__name"]


class UnlockForm(ReasonForm):
    """The learner is not told: the open sections tell it."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = ""


def _unlock(enrolment, by, data):
    if not pace.unlock(enrolment=enrolment, by=by, **data):
        raise AsBefore(_("Every section was open already."))


@admin.register(Enrolment)
class EnrolmentAdmin(ReadOnlyAdmin):
    list_display = [
        *("member", "item", "cohort", "started_at", "last_at", "done_at"),
        "unlocked_at",
    ]
    list_filter = [
        ("item", AutocompleteSelectFilter),
        ("cohort", AutocompleteSelectFilter),
    ]
    list_filter_submit = True
    list_select_related = ["member", "item", "cohort"]
    search_fields = ["member__name", "member__username", "item__title"]
    actions = ["unlock"]

    @admin.action(description=_("Open every section"), permissions=["unlock"])
    def unlock(self, request, queryset):
        return ask_first_of_rows(
            request,
            admin=self,
            rows=queryset.select_related("member", "item"),
            form_class=UnlockForm,
            title=_("Open every section"),
            act=lambda enrolment, data: _unlock(enrolment, request.user, data),
            say=lambda enrolment: f"{enrolment.member} · {enrolment.item}",
        )

    def has_unlock_permission(self, request):
        return request.user.has_perm("content.change_enrolment")
