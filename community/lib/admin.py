"""Bases for the admin pages of all apps."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from operator import attrgetter
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.admin import display
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model, QuerySet
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from unfold.admin import ModelAdmin, TabularInline

from community.lib.money import shown

SENT_FORMS_ARE_KNOWN = 3600  # seconds
LONGEST_TOLD = 200  # characters of a value, in the log
AT_ONCE = 100  # what a person can look through on one page


class ShowsMoney:
    """Amounts, kept in minor units, are shown as people write money.

    `money` names the fields that hold some, `currency_of` finds a row's currency.
    """

    model: type[Model]
    money: Sequence[str] = ()
    currency_of: Callable[[Any], str] = attrgetter("currency")

    @cached_property
    def _columns(self) -> dict[str, Callable[[Any], str]]:
        return {name: self._column(name) for name in self.money}

    def _column(self, name: str) -> Callable[[Any], str]:
        def column(row: Any) -> str:
            minor = getattr(row, name)
            return "–" if minor is None else shown(minor, self.currency_of(row))

        column.__name__ = name
        field: Any = self.model._meta.get_field(name)
        return display(description=field.verbose_name, ordering=name)(column)

    def _in_units(self, names: Sequence[Any]) -> list[Any]:
        return [self._columns.get(name, name) for name in names]

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return self._in_units(super().get_list_display(request))  # type: ignore[misc]


class ShowsMoneyOnly(ShowsMoney):
    """The same on pages where nothing is typed."""

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Each once: Django adds what is read only to the fields of the form."""
        fields = self._in_units(super().get_fields(request, obj))  # type: ignore[misc]
        return list(dict.fromkeys(fields))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fields = super().get_readonly_fields(request, obj)  # type: ignore[misc]
        return [*self._in_units(fields), *self._columns.values()]


class ActsOnSome:
    """`acts_on` says by the name of an action on which rows it can do something: its
    button stands only there."""

    acts_on: dict[str, Callable[[Any], bool]] = {}

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        row = self.get_object(request, str(object_id))  # type: ignore[attr-defined]
        offered = super().get_actions_detail(request, object_id)  # type: ignore[misc]
        return [
            action for action in offered if self._may_act(action.method.__name__, row)
        ]

    def _may_act(self, name: str, row: Any) -> bool:
        return row is not None and (name not in self.acts_on or self.acts_on[name](row))


class ReadOnlyAdmin(ActsOnSome, ShowsMoneyOnly, ModelAdmin):
    """For what the software writes: operators look, search and filter."""

    list_per_page = 50  # a hundred rows with links are half a megabyte

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) or (
            super().has_change_permission(request, obj)
        )


class TellsChanges:
    """For rows of the house: the log says what each changed value was and is.

    Never so for rows about somebody; words that may be are named in `untold`.
    """

    untold: Sequence[str] = ()

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> list[dict[str, Any]]:
        told = super().construct_change_message(  # type: ignore[misc]
            request, form, formsets, add
        )
        own = [("", form)] if form.changed_data and not add else []
        forms = [*own, *(pair for each in formsets or [] for pair in _changed(each))]
        changes = [part["changed"] for part in told if "changed" in part]
        for change, (row, changed) in zip(changes, forms, strict=True):
            change["values"] = self._values(row, changed)
        return told

    def _values(self, row: str, form: Any) -> dict[str, list[str]]:
        names = [name for name in form.changed_data if name not in self.untold]
        values = {f"{row}{name}": _before_and_after(form, name) for name in names}
        return {name: [old, new] for name, (old, new) in values.items() if old != new}


def _changed(formset: Any) -> list[tuple[str, Any]]:
    """(which row, its form) of each that was changed, in the order of the log."""
    forms = {form.instance: form for form in formset.forms if form.instance.pk}
    name = formset.model._meta.model_name
    rows = [row for row, _fields in formset.changed_objects]
    return [(f"{name} {row.pk} ", forms[row]) for row in rows]


def _before_and_after(form: Any, name: str) -> tuple[str, str]:
    field = form.fields[name]
    return (
        _in_words(field, form.get_initial_for_field(field, name)),
        _in_words(field, form.cleaned_data.get(name)),
    )


def _in_words(field: Any, value: Any) -> str:
    value = field.prepare_value(value)
    return "" if value is None else str(value)[:LONGEST_TOLD]


class InlineReadOnly(ShowsMoneyOnly, TabularInline):
    """Rows that are only looked at, on the page of what they belong to."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def row_or_404(admin: ModelAdmin, request: HttpRequest, object_id: str) -> Any:
    """The row that an action's address names, if this operator may see it at all."""
    row = admin.get_object(request, object_id)
    if row is None:
        raise Http404
    return row


def row_to_change(admin: ModelAdmin, request: HttpRequest, object_id: str) -> Any:
    """The same for what changes the row: refused where this operator may not."""
    row = row_or_404(admin, request, object_id)
    if not admin.has_change_permission(request, row):
        raise PermissionDenied
    return row


def names_one(rows: QuerySet[Any], object_id: str | None) -> bool:
    """Whether an action's address, mistyped maybe, names one of these."""
    return str(object_id).isdecimal() and rows.filter(pk=object_id).exists()


def ask_first(
    request: HttpRequest,
    *,
    admin: ModelAdmin,
    row: Model,
    form: Form,
    title: Any,
    act: Callable[[dict[str, Any]], Any],
    note: Any = "",
    facts: Sequence[tuple[Any, Any]] = (),
) -> HttpResponseBase:
    """A page of the admin that asks for what an act needs, then does it.

    `facts`, each a label and a text, say what the act is about; `note` what it does.
    `act` is given the form's clean data; what it refuses, it says by raising
    ValidationError, which is shown beside the form. When something else came of it
    than was asked for, it returns the words for it, or the page that tells more.
    """
    if request.method == "POST" and form.is_valid():
        try:
            with _once(request):
                outcome = act(form.cleaned_data)
                if isinstance(outcome, HttpResponseBase):
                    return outcome
                admin.log_change(request, row, str(outcome or title))
                if outcome:
                    messages.warning(request, f"{row}: {outcome}")
                else:
                    messages.success(request, gettext("Done."))
        except ValidationError as refusal:
            form.add_error(None, refusal)
        except SentBefore:
            return redirect(_page_of(row))
        else:
            return redirect(_page_of(row))
    return ask_first_page(
        request,
        admin=admin,
        model=type(row),
        form=form,
        title=title,
        rows=[row],
        note=note,
        facts=facts,
        back=_page_of(row),
    )


def ask_first_of_rows(
    request: HttpRequest,
    *,
    admin: ModelAdmin,
    rows: QuerySet[Any],
    form_class: type[Form],
    title: Any,
    act: Callable[[Any, dict[str, Any]], Any],
    note: Callable[[list[Any]], str] | None = None,
    say: Callable[[Any], str] = str,
) -> HttpResponse | None:
    """The same for an action of a list: says which rows it is about before it acts.

    `act` is given one row and the form's clean data. A row that it refuses by raising
    ValidationError is named with the reason; the others are done all the same. Words
    that it returns are said of the row in place of counting it as done. One for which
    nothing was to be done (AsBefore) is neither counted nor logged.
    """
    chosen = list(rows[: AT_ONCE + 1])
    if len(chosen) > AT_ONCE:
        text = gettext("At most %(number)d at once.") % {"number": AT_ONCE}
        messages.error(request, text)
        return None
    form = form_class(request.POST if "asked" in request.POST else None)
    if form.is_valid():
        with suppress(SentBefore), _once(request):
            _act_on_each(request, admin, chosen, title, act, form.cleaned_data, say)
        return None
    return ask_first_page(
        request,
        admin=admin,
        model=rows.model,
        form=form,
        title=title,
        rows=[say(row) for row in chosen],
        note=note(chosen) if note else "",
        hidden=[
            *(("asked", "1"), ("action", request.POST["action"])),
            *((ACTION_CHECKBOX_NAME, row.pk) for row in chosen),
        ],
    )


def _act_on_each(
    request: HttpRequest,
    admin: ModelAdmin,
    rows: list[Any],
    title: Any,
    act: Callable[[Any, dict[str, Any]], Any],
    data: dict[str, Any],
    say: Callable[[Any], str],
) -> None:
    done = 0
    for row in rows:
        name = say(row)
        try:
            outcome = act(row, data)
        except ValidationError as refusal:
            messages.error(request, f"{name}: {' '.join(refusal.messages)}")
            continue
        except AsBefore as it:
            messages.info(request, f"{name}: {it}")
            continue
        if row.pk is not None:  # an act that takes the row away logs it itself
            admin.log_change(request, row, str(outcome or title))
        if outcome:
            messages.warning(request, f"{name}: {outcome}")
        else:
            done += 1
    if done:
        text = ngettext("Done for %(number)d.", "Done for %(number)d.", done)
        messages.success(request, text % {"number": done})


class AsBefore(Exception):
    """Nothing was to be done for a row; says how it was already."""


class SentBefore(Exception):
    """The same form came twice: a double click, or a page sent again."""


@contextmanager
def _once(request: HttpRequest) -> Iterator[None]:
    """What is in the block happens once for a form; not at all counts as not sent.

    Raises SentBefore.
    """
    key = f"sent-form:{request.POST.get('form_key', uuid4())}"[:200]
    if not cache.add(key, True, SENT_FORMS_ARE_KNOWN):
        raise SentBefore
    try:
        yield
    except BaseException:
        cache.delete(key)
        raise


def _page_of(row: Model) -> str:
    """The row's page, where it is seen what came of the act."""
    meta = row._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])


def _list_of(model: type[Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def ask_first_page(
    request: HttpRequest,
    *,
    admin: ModelAdmin,
    model: type[Model],
    form: Form,
    title: Any,
    rows: list[Any],
    **context: Any,
) -> HttpResponse:
    """The page itself, for acts that go on to a page of their own."""
    context = {
        **admin.admin_site.each_context(request),
        "title": title,
        "rows": rows,
        "form": form,
        "form_key": request.POST.get("form_key", uuid4()),
        "back": _list_of(model),
        "opts": model._meta,
        **context,
    }
    status = 422 if form.is_bound else 200
    return render(request, "admin/ask_first.html", context, status=status)


class ReportAdmin(ReadOnlyAdmin):
    """A page of figures in place of a list of rows: `template` shows `figures()`."""

    template: str

    def figures(self, request: HttpRequest) -> dict[str, Any]:
        raise NotImplementedError

    def changelist_view(
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": self.model._meta.verbose_name_plural,
            "opts": self.model._meta,
            **self.figures(request),
        }
        return render(request, self.template, context)
