"""Quizzes: the bank, the rules, and what learners answered."""

from django.contrib import admin
from unfold.admin import TabularInline

from community.lib import markdown
from community.lib.admin import ReadOnlyAdmin
from content.admin.own import OwnAdmin
from content.models import Attempt, AttemptAnswer, Question, Quiz


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


@admin.register(Quiz)
class QuizAdmin(OwnAdmin):
    list_display = ["__str__", "item", "kind", "must_pass", "minutes"]
    list_filter = ["kind", "must_pass"]
    list_select_related = ["item", "lesson"]
    search_fields = ["item__title", "lesson__title"]
    autocomplete_fields = ["item", "lesson"]
    author = "item__author"


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
    list_filter = ["passed"]
    list_select_related = ["member", "quiz__lesson", "quiz__item"]
    search_fields = ["member__name", "member__username", "quiz__item__title"]
    inlines = [AnswerInline]
