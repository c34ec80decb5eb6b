"""The strategy journal at the desk, and what makes the desk ask for an entry."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSingleDateWidget, UnfoldAdminTextareaWidget

from accounts.models import JournalEntry
from accounts.services import journal
from community.lib.admin import ReadOnlyAdmin, TellsChanges, ask_first, row_or_404

ASKED = ["hypothesis", "look_on"]


def look_on_default():
    return timezone.localdate() + journal.LOOK_AFTER


class ReasonForm(forms.Form):
    """What the journal asks before something of the strategy changes."""

    hypothesis = forms.CharField(
        label=_("What do you expect of it, and why?"),
        help_text=_("For the strategy journal, where it is compared with what comes."),
        max_length=2000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )
    look_on = forms.DateField(
        label=_("Look again on"),
        initial=look_on_default,
        required=False,
        widget=UnfoldAdminSingleDateWidget,
    )


class RowReasonForm(ReasonForm):
    """The same on the page of a row: needed once something watched is changed."""

    journaled: Sequence[str] | None = None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["hypothesis"].required = False

    @cached_property
    def changed_data(self) -> list[str]:
        """A reason alone is no change of the row."""
        return [name for name in super().changed_data if name not in ASKED]

    @property
    def changes_strategy(self) -> bool:
        changed = set(self.changed_data)
        if self.instance.pk is None or self.journaled is None:  # type: ignore[attr-defined]
            return bool(changed) or self.instance.pk is None  # type: ignore[attr-defined]
        return bool(changed & set(self.journaled))

    def clean(self) -> Any:
        cleaned = super().clean()
        if self.changes_strategy and not self.cleaned_data.get("hypothesis"):
            self.add_error("hypothesis", _("Say what you expect before you change it."))
        return cleaned


class Journaled(TellsChanges):
    """For what the strategy journal watches: nothing changes here without an entry.

    `journaled` names the fields that matter, where not all do. A new row always does,
    unless rows begin as drafts that do nothing: then the acts that put them in force
    and end them ask for the reason, by `ask_why`.
    """

    journaled: Sequence[str] | None = None
    begins_as_draft = False
    # A list cannot ask for a reason.
    list_editable: Sequence[str] = ()

    def get_form(self, request: Any, obj: Any = None, **options: Any) -> Any:
        may_write = (
            self.has_change_permission(request, obj)  # type: ignore[attr-defined]
            if obj
            else self.has_add_permission(request)  # type: ignore[attr-defined]
        )
        if may_write and not self.begins_as_draft:
            own = self.form  # type: ignore[attr-defined]
            facts = {"journaled": self.journaled}
            options["form"] = type(own)(own.__name__, (RowReasonForm, own), facts)
        return super().get_form(request, obj, **options)  # type: ignore[misc]

    def get_fieldsets(self, request: Any, obj: Any = None) -> Any:
        """At the end, where the fields are named by hand."""
        sets = list(super().get_fieldsets(request, obj))  # type: ignore[misc]
        there = {name for _title, it in sets for name in it["fields"]}
        form = self.get_form(request, obj, fields=None)
        if "hypothesis" in form.base_fields and "hypothesis" not in there:
            sets.append((_("Strategy journal"), {"fields": ASKED}))
        return sets

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)  # type: ignore[misc]
        self.note_reason(request, obj, form, change)

    def note_reason(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        """Part of saving: whoever saves a row in another way calls it, too."""
        if self.begins_as_draft or not form.changes_strategy:
            return
        changed = self._values("", form) if change else {}
        journal.note(
            target=obj,
            deed=journal.Deed.CHANGED if change else journal.Deed.ADDED,
            hypothesis=form.cleaned_data["hypothesis"],
            look_on=form.cleaned_data["look_on"],
            by=request.user,
            changed=changed,
        )

    def ask_why(
        self,
        request: Any,
        row: Any,
        *,
        title: Any,
        note: Any,
        deed: journal.Deed,
        act: Callable[[], Any],
    ) -> Any:
        """A page that asks for the reason, then does it and writes it down."""

        @transaction.atomic
        def do(data: dict[str, Any]) -> None:
            act()
            journal.note(target=row, deed=deed, by=request.user, **data)

        return ask_first(
            request,
            admin=self,  # type: ignore[arg-type]
            row=row,
            form=ReasonForm(request.POST or None),
            title=title,
            note=note,
            act=do,
        )


class LearnedForm(forms.Form):
    words = forms.CharField(
        label=_("What was learned"),
        max_length=2000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
    )


class Due(admin.SimpleListFilter):
    title = _("result")
    parameter_name = "result"

    def lookups(self, request, model_admin):
        return [
            ("due", _("to be looked at now")),
            ("measured", _("measured")),
            ("learned", _("something was learned")),
        ]

    def queryset(self, request, queryset):
        today = timezone.localdate()
        chosen = {
            "due": {"look_on__lte": today, "learned": ""},
            "measured": {"finding__isnull": False},
            "learned": {"learned_at__isnull": False},
        }
        return queryset.filter(**chosen.get(self.value(), {}))


@admin.register(JournalEntry)
class JournalEntryAdmin(ReadOnlyAdmin):
    list_display = [
        *("at", "deed", "name", "hypothesis", "look_on", "measured", "learned", "by"),
    ]
    list_display_links = ["name"]
    fields = [
        *("at", "by", "deed", "name", "object_kind", "values", "hypothesis"),
        *("look_on", "measured", "learned", "learned_at"),
    ]
    readonly_fields = ["values", "measured"]
    list_filter = [Due, "deed", "object_kind"]
    list_select_related = ["by"]
    search_fields = ["name", "hypothesis", "learned"]
    date_hierarchy = "at"
    actions_detail = ["learn"]

    @admin.display(description=_("what has changed"))
    def values(self, entry):
        lines = [f"{name}: {old} → {new}" for name, (old, new) in entry.changed.items()]
        return "; ".join(lines) or "–"

    @admin.display(description=_("what was measured"))
    def measured(self, entry):
        return in_words(entry.finding)

    @action(
        description=_("Note what was learned"), url_path="learn", permissions=["learn"]
    )
    def learn(self, request, object_id):
        entry = row_or_404(self, request, object_id)
        return ask_first(
            request,
            admin=self,
            row=entry,
            form=LearnedForm(request.POST or None, initial={"words": entry.learned}),
            title=_("Note what was learned"),
            act=lambda data: journal.learn(entry=entry, words=data["words"]),
            facts=[(_("what is expected, and why"), entry.hypothesis)],
        )

    def has_learn_permission(self, request, object_id=None):
        return request.user.has_perm("accounts.change_journalentry")


def in_words(finding):
    """An effect as the journal tells it, in one line."""
    if not finding:
        return "–"
    return _("%(effect)s (%(low)s to %(high)s), of %(members)s members") % {
        name: _rounded(finding[name]) for name in ("effect", "low", "high", "members")
    }


def _rounded(number):
    return f"{number:+.2f}" if isinstance(number, float) else str(number)
