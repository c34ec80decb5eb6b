"""Quizzes: the bank, the rules, and what learners answered."""

from django import forms
from django.contrib import admin
from django.contrib.admin import EmptyFieldListFilter
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from community.lib import markdown
from community.lib.admin import ReadOnlyAdmin, ask_first_of_rows
from content.admin.own import OwnAdmin
from content.models import Attempt, AttemptAnswer, MoreAttempts, Question, Quiz
from content.models.quizzes import MOST_AT_ONCE
from content.services import attempts, questions


@admin.register(Question)
class QuestionAdmin(OwnAdmin):
    """Answered ones are seen here, and changed in the studio: it puts another in
    their place."""

    list_display = ["__str__", "item", "kind", "retired_at"]
    list_filter = ["kind"]
    list_select_related = ["item"]
    search_fields = ["text", "item__title"]
    autocomplete_fields = ["item"]
    author = "item__author"
    fields = [
        *("item", "kind", "text", "answers", "number", "tolerance", "explanation"),
        "retired_at",
    ]

    def has_change_permission(self, request, obj=None):
        answered = obj is not None and obj.answered.exists()
        return not answered and super().has_change_permission(request, obj)

    def save_model(self, request, obj, form, change):
        obj.text_html = markdown.render(obj.text)
        super().save_model(request, obj, form, change)


class QuizAdminForm(forms.ModelForm):
    """What the studio says by where it makes a quiz."""

    def clean(self):
        said = super().clean()
        item, lesson = said.get("item"), said.get("lesson")
        if said.get("kind") != Quiz.Kind.AFTER:
            self.instance.asks_same = False  # no field of this form
        if said.get("kind") == Quiz.Kind.LESSON:
            if not lesson:
                self._refuse("lesson", _("Choose the lesson beside which it stands."))
            elif item and lesson.section.item_id != item.pk:
                self._refuse("lesson", _("This lesson is in another course."))
            return said
        if lesson:
            self._refuse("lesson", _("A test about the course has no lesson."))
        if said.get("must_pass"):
            self._refuse("must_pass", _("Only the quiz of a lesson has to be passed."))
        return said

    def _refuse(self, name, text):
        if name in self.fields and name not in self.errors:
            self.add_error(name, text)


@admin.register(Quiz)
class QuizAdmin(OwnAdmin):
    form = QuizAdminForm
    # The studio compares the tests when it is said.
    exclude = ["asks_same"]
    list_display = ["__str__", "item", "kind", "must_pass", "minutes"]
    list_filter = ["kind", "must_pass"]
    list_select_related = ["item", "lesson"]
    search_fields = ["item__title", "lesson__title"]
    autocomplete_fields = ["item", "lesson"]
    author = "item__author"

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        questions.keep_together(quiz=obj)


class MoreAttemptsForm(forms.Form):
    number = forms.IntegerField(
        label=_("Attempts"),
        initial=1,
        min_value=1,
        max_value=MOST_AT_ONCE,
        widget=UnfoldAdminIntegerFieldWidget,
    )


def _give(row, by, data):
    """To the learner of this row, at its quiz."""
    if not attempts.give_more(quiz=row.quiz, member=row.member, by=by, **data):
        raise ValidationError(_("They have an attempt left, or have passed."))


class AnswerInline(TabularInline):
    model = AttemptAnswer
    fields = ["question", "given", "is_right"]
    readonly_fields = fields
    can_delete = False

    def has_add_permission(self, request, obj=None):
        return False


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyAdmin):
    list_display = ["member", "quiz", "started_at", "handed_in_at", "right", "passed"]
    list_filter = ["passed", ("quiz", AutocompleteSelectFilter)]
    list_filter_submit = True
    list_select_related = ["member", "quiz__lesson", "quiz__item"]
    search_fields = ["member__name", "member__username", "quiz__item__title"]
    inlines = [AnswerInline]
    actions = ["give_more"]

    @admin.action(description=_("Give more attempts"), permissions=["give"])
    def give_more(self, request, queryset):
        return ask_first_of_rows(
            request,
            admin=self,
            rows=queryset.select_related("member", "quiz__lesson"),
            form_class=MoreAttemptsForm,
            title=_("Give more attempts"),
            act=lambda attempt, data: _give(attempt, request.user, data),
            say=lambda attempt: f"{attempt.member} · {attempt.quiz}",
        )

    def has_give_permission(self, request):
        return request.user.has_perm("content.change_attempt")


@admin.register(MoreAttempts)
class MoreAttemptsAdmin(ReadOnlyAdmin):
    """Who waits for another attempt, and who got some."""

    list_display = ["member", "quiz", "asked_at", "number", "given_by", "given_at"]
    list_filter = [("given_at", EmptyFieldListFilter)]
    list_select_related = ["member", "quiz__lesson", "given_by"]
    search_fields = ["member__name", "member__username", "quiz__item__title"]
    actions = ["give_more"]
    give_more = AttemptAdmin.give_more

    def has_give_permission(self, request):
        return request.user.has_perm("content.change_moreattempts")
