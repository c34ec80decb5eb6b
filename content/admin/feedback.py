"""Feedback and suggestions, as the operators answer them."""

from functools import partial

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import action, display
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelect2Widget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from community.lib.admin import (
    ActsOnSome,
    InlineReadOnly,
    ReportAdmin,
    TellsChanges,
    ask_first,
    ask_first_of_rows,
    row_to_change,
)
from content.errors import NotAllowedNow
from content.models import (
    Change,
    Feedback,
    FeedbackArea,
    FeedbackReply,
    FeedbackReport,
    FeedbackStep,
    FeedbackSubject,
    Suggestion,
)
from content.services import feedback, feedback_report, suggestions

TOO_LATE = _("It was decided already.")


class NoteForm(forms.Form):
    text = forms.CharField(
        label=_("A word to the member"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
    )


class AnswerForm(NoteForm):
    ready = forms.ModelMultipleChoiceField(
        label=_("Ready answers"),
        required=False,
        queryset=FeedbackReply.objects.all(),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    def clean(self):
        told = super().clean()
        if not told.get("text") and not told.get("ready"):
            raise ValidationError(_("Write something first."))
        return told


class PublishForm(forms.Form):
    title = forms.CharField(
        label=_("title"), max_length=120, widget=UnfoldAdminTextInputWidget
    )
    text = forms.CharField(
        label=_("text"),
        help_text=_("All members read it: name nobody in it."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
    )


class DecideForm(forms.Form):
    state = forms.ChoiceField(
        label=_("state"),
        choices=[
            it for it in Suggestion.State.choices if it[0] != Suggestion.State.HELD
        ],
        widget=UnfoldAdminSelectWidget,
    )
    answer = forms.CharField(
        label=_("public answer"),
        required=False,
        max_length=4000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
    )


class MergeForm(forms.Form):
    into = forms.ModelChoiceField(
        label=_("the same as"),
        queryset=Suggestion.objects.filter(merged_into=None),
        widget=UnfoldAdminSelect2Widget,
    )


class SureForm(forms.Form):
    """Asks nothing but whether one is sure."""


class StepInline(InlineReadOnly):
    model = FeedbackStep
    fields = ["at", "state", "text", "by"]


@admin.register(Feedback)
class FeedbackAdmin(ActsOnSome, ModelAdmin):
    """What is done to several in the list is done to one on its own page, too."""

    list_display = ["said", "area", "judged", "owner", "age", "due_at", "who"]
    list_filter = [
        *("state", "area", "subjects", "created_at"),
        ("owner", AutocompleteSelectFilter),
    ]
    list_select_related = ["area", "owner", "member"]
    search_fields = ["text", "member__name", "page"]
    fields = [
        *("text", "area", "page", "member", "language", "state", "created_at"),
        *("due_at", "answered_at", "owner", "subjects"),
    ]
    readonly_fields = [
        *("text", "page", "member", "language", "state", "created_at"),
        *("due_at", "answered_at"),
    ]
    autocomplete_fields = ["owner", "subjects"]
    inlines = [StepInline]
    actions = ["take", "answer", "finish", "decline", "publish"]
    actions_detail = [
        *("answer_it", "take_it"),
        {"title": _("More"), "items": ["finish_it", "decline_it", "publish_it"]},
    ]
    acts_on = {
        "take_it": lambda row: feedback.may_become(row, "taken"),
        "answer_it": lambda row: feedback.may_become(row, "answered"),
        "finish_it": lambda row: feedback.may_become(row, "done"),
        "decline_it": lambda row: feedback.may_become(row, "declined"),
        "publish_it": lambda row: not row.suggestions.exists(),
    }
    date_hierarchy = "created_at"

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if "owner" in form.changed_data and obj.owner_id != request.user.pk:
            feedback.tell_owner(obj)

    @admin.display(description=_("text"))
    def said(self, row):
        return str(row)

    @admin.display(description=_("from"), ordering="member")
    def who(self, row):
        return row.member or _("somebody without a name")

    @admin.display(description=_("age"), ordering="created_at")
    def age(self, row):
        return timesince(row.created_at, depth=1)

    @display(
        description=_("state"),
        ordering="state",
        label={"late": "danger", "new": "warning", "taken": "info", "done": "success"},
    )
    def judged(self, row):
        is_late = row.state in Feedback.WAITING and row.due_at < timezone.now()
        return (
            ("late", _("Overdue")) if is_late else (row.state, row.get_state_display())
        )

    def _ask(self, request, rows, to, title, form_class=NoteForm):
        return ask_first_of_rows(
            request,
            admin=self,
            rows=rows.select_related("area", "member"),
            form_class=form_class,
            title=title,
            act=partial(_move, to=to, by=request.user),
        )

    @admin.action(description=_("Take it on"), permissions=["change"])
    def take(self, request, queryset):
        return self._ask(request, queryset, "taken", _("Take it on"))

    @admin.action(description=_("Answer"), permissions=["change"])
    def answer(self, request, queryset):
        return self._ask(request, queryset, "answered", _("Answer"), AnswerForm)

    @admin.action(description=_("It is done"), permissions=["change"])
    def finish(self, request, queryset):
        return self._ask(request, queryset, "done", _("It is done"))

    @admin.action(description=_("Decline"), permissions=["change"])
    def decline(self, request, queryset):
        return self._ask(request, queryset, "declined", _("Decline"), AnswerForm)

    @admin.action(description=_("Put on the board"), permissions=["change"])
    def publish(self, request, queryset):
        return ask_first_of_rows(
            request,
            admin=self,
            rows=queryset,
            form_class=PublishForm,
            title=_("Put on the board"),
            act=partial(_put_on_the_board, by=request.user),
        )

    def _ask_of_one(self, request, object_id, to, title, form_class=NoteForm):
        row = row_to_change(self, request, object_id)
        return ask_first(
            request,
            admin=self,
            row=row,
            form=form_class(request.POST or None),
            title=title,
            act=partial(_move, row, to=to, by=request.user),
            facts=[(_("text"), row.text)],
        )

    @action(description=_("Take it on"), url_path="take", permissions=["change"])
    def take_it(self, request, object_id):
        return self._ask_of_one(request, object_id, "taken", _("Take it on"))

    @action(description=_("Answer"), url_path="answer", permissions=["change"])
    def answer_it(self, request, object_id):
        return self._ask_of_one(request, object_id, "answered", _("Answer"), AnswerForm)

    @action(description=_("It is done"), url_path="done", permissions=["change"])
    def finish_it(self, request, object_id):
        return self._ask_of_one(request, object_id, "done", _("It is done"))

    @action(description=_("Decline"), url_path="decline", permissions=["change"])
    def decline_it(self, request, object_id):
        return self._ask_of_one(
            request, object_id, "declined", _("Decline"), AnswerForm
        )

    @action(
        description=_("Put on the board"), url_path="publish", permissions=["change"]
    )
    def publish_it(self, request, object_id):
        row = row_to_change(self, request, object_id)
        return ask_first(
            request,
            admin=self,
            row=row,
            form=PublishForm(request.POST or None, initial={"text": row.text}),
            title=_("Put on the board"),
            act=partial(_put_on_the_board, row, by=request.user),
            facts=[(_("text"), row.text)],
        )


def _move(row, told, *, to, by):
    words = [it.text_in(row.language) for it in told.get("ready", ())]
    text = "\n\n".join(filter(None, [*words, told["text"]]))
    try:
        feedback.move(feedback=row, to=to, by=by, text=text)
    except NotAllowedNow as error:
        raise ValidationError(TOO_LATE) from error


def _put_on_the_board(row, told, *, by):
    suggestions.publish_feedback(feedback=row, by=by, **told)


@admin.register(FeedbackArea)
class FeedbackAreaAdmin(TellsChanges, ModelAdmin):
    list_display = ["name", "name_zh", "owner", "working_days", "position"]
    autocomplete_fields = ["owner"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(FeedbackSubject)
class FeedbackSubjectAdmin(ModelAdmin):
    list_display = ["name", "name_zh"]
    search_fields = ["name", "name_zh"]


@admin.register(FeedbackReply)
class FeedbackReplyAdmin(ModelAdmin):
    list_display = ["text", "text_zh", "position"]
    list_editable = ["position"]
    search_fields = ["text", "text_zh"]


@admin.register(Suggestion)
class SuggestionAdmin(ActsOnSome, ModelAdmin):
    list_display = ["title", "state", "vote_count", "author", "created_at"]
    list_filter = ["state", "created_at"]
    list_select_related = ["author"]
    search_fields = ["title", "text"]
    fields = [
        *("title", "text", "author", "state", "answer", "vote_count"),
        *("merged_into", "created_at"),
    ]
    readonly_fields = [
        *("author", "state", "answer", "vote_count", "merged_into", "created_at"),
    ]
    actions = ["decide", "merge"]
    actions_detail = ["decide_it", "merge_it"]
    acts_on = dict.fromkeys(actions_detail, lambda row: row.merged_into_id is None)

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.action(description=_("Decide and answer"), permissions=["change"])
    def decide(self, request, queryset):
        return ask_first_of_rows(
            request,
            admin=self,
            rows=queryset,
            form_class=DecideForm,
            title=_("Decide and answer"),
            act=lambda row, told: _tried(
                suggestions.decide, suggestion=row, by=request.user, **told
            ),
        )

    @action(
        description=_("Decide and answer"), url_path="decide", permissions=["change"]
    )
    def decide_it(self, request, object_id):
        row = row_to_change(self, request, object_id)
        said = {"state": row.state, "answer": row.answer}
        return ask_first(
            request,
            admin=self,
            row=row,
            form=DecideForm(request.POST or None, initial=said),
            title=_("Decide and answer"),
            act=lambda told: _tried(
                suggestions.decide, suggestion=row, by=request.user, **told
            ),
            facts=[(_("text"), row.text)],
        )

    @action(
        description=_("Put together with another"),
        url_path="merge",
        permissions=["change"],
    )
    def merge_it(self, request, object_id):
        row = row_to_change(self, request, object_id)
        return ask_first(
            request,
            admin=self,
            row=row,
            form=MergeForm(request.POST or None),
            title=_("Put together with another"),
            act=lambda told: _tried(
                suggestions.merge, duplicate=row, into=told["into"]
            ),
            facts=[(_("text"), row.text)],
        )

    @admin.action(description=_("Put together with another"), permissions=["change"])
    def merge(self, request, queryset):
        return ask_first_of_rows(
            request,
            admin=self,
            rows=queryset,
            form_class=MergeForm,
            title=_("Put together with another"),
            act=lambda row, told: _tried(
                suggestions.merge, duplicate=row, into=told["into"]
            ),
        )


def _tried(service, **what):
    try:
        service(**what)
    except NotAllowedNow as error:
        raise ValidationError(TOO_LATE) from error


@admin.register(Change)
class ChangeAdmin(ModelAdmin):
    list_display = ["title", "done_on", "published_at"]
    search_fields = ["title", "text"]
    autocomplete_fields = ["feedback", "suggestions"]
    actions = ["publish"]
    actions_detail = ["publish_it"]

    @action(
        description=_("Publish and tell"), url_path="publish", permissions=["change"]
    )
    def publish_it(self, request, object_id):
        row = row_to_change(self, request, object_id)
        return ask_first(
            request,
            admin=self,
            row=row,
            form=SureForm(request.POST or None),
            title=_("Publish and tell"),
            act=partial(_publish, row, by=request.user),
            note=_("%(change)s (told to %(number)d members)")
            % {"change": row, "number": len(suggestions.concerned_by(row))},
        )

    @admin.action(description=_("Publish and tell"), permissions=["change"])
    def publish(self, request, queryset):
        return ask_first_of_rows(
            request,
            admin=self,
            rows=queryset,
            form_class=SureForm,
            title=_("Publish and tell"),
            act=partial(_publish, by=request.user),
            say=lambda it: (
                _("%(change)s (told to %(number)d members)")
                % {"change": it, "number": len(suggestions.concerned_by(it))}
            ),
        )


def _publish(change, told, *, by):
    suggestions.publish_change(change=change, by=by)


@admin.register(FeedbackReport)
class FeedbackReportAdmin(ReportAdmin):
    template = "content/feedback/report.html"

    def figures(self, request):
        return feedback_report.report()
