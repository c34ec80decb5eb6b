"""Events: finding them, reading about one, coming and going."""

import datetime as dt
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import active_member_required
from accounts.errors import NotEnough
from accounts.services import community, news
from community.lib.files import send_file
from community.lib.keyset import after_mark, mark_of
from content import access
from content.errors import (
    NoSeatKept,
    NotIncluded,
    RegistrationClosed,
    TooLateToCancel,
)
from content.forms.events import RegistrationForm
from content.models import Event
from content.services import (
    calendars,
    case_proposals,
    due_dates,
    event_ratings,
    library,
    months,
    outcomes,
    playing,
    registrations,
)
from content.services.structured import event_facts
from content.views.asking import asked_first
from content.views.secret_addresses import show_address

PAGE = 20


@require_safe
def event_list(request):
    """What comes next, and a month as a calendar; another month by itself."""
    asked = _month_asked(request)
    first = asked or timezone.localdate().replace(day=1)
    found, spans = _chosen(request), _spans(request, since=first)
    context = {"month": months.month_of(found, first, spans), **_choice(request)}
    if asked is None:
        context["coming"] = months.coming_of(found)
        context["coming_spans"] = months.coming_spans(spans)
    return render(request, "content/events/list.html", context)


@require_safe
def event_past(request):
    """What has taken place, the latest first."""
    over = _chosen(request).filter(ends_at__lte=timezone.now())
    if mark := after_mark(request.GET.get("before")):
        at, pk = mark
        over = over.filter(Q(starts_at__lt=at) | Q(starts_at=at, pk__lt=pk))
    rows = list(over.select_related("host", "space")[: PAGE + 1])
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    context = {
        "events": rows[:PAGE],
        "next_mark": last and mark_of(last.starts_at, last.pk),
        **_choice(request),
    }
    return render(request, "content/events/past.html", context)


def _choice(request):
    kind = request.GET.get("kind", "")
    return {
        "kind": kind if kind in Event.Kind.values else "",
        "kinds": Event.Kind.choices,
        "is_mine": _is_mine(request),
        "may_lead": access.may_lead_events(request.user),
    }


def _is_mine(request):
    return request.user.is_authenticated and request.GET.get("show") == "mine"


def _chosen(request):
    is_mine = _is_mine(request)
    found = (access.get_own_events if is_mine else access.get_events)(request.user)
    kind = _choice(request)["kind"]
    return found.filter(kind=kind) if kind else found


def _spans(request, *, since):
    """What lasts for days is of no kind of event, and of one's own only the joined."""
    if _choice(request)["kind"]:
        return []
    if _is_mine(request):
        camps = access.get_own_challenges(request.user)
        return months.spans_of(camps, since=since)
    camps, weeks = access.get_challenges(request.user), access.get_weeks(request.user)
    return months.spans_of(camps, weeks, since=since)


def _month_asked(request):
    try:
        asked = dt.date.fromisoformat(f"{request.GET.get('month', '')}-01")
    except ValueError:
        return None
    return asked if 2000 <= asked.year <= 2200 else None


@require_safe
def event(request, pk):
    shown = access.get_event_to_see(request.user, pk)
    if request.user.is_authenticated:
        news.read_about(request.user, event=[pk], event_time=[pk])
    return _show(request, shown)


def _show(request, shown, *, status=200, **more):
    mine = registrations.registration_of(shown, request.user)
    if mine and mine.is_cancelled:
        mine = None
    has_seat = access.has_seat(request.user, shown)
    context = {
        "event": shown,
        "speakers": shown.speakers.select_related("member"),
        "agenda": shown.agenda.select_related("speaker__member"),
        "materials": access.get_materials(request.user, shown),
        "mine": mine,
        "place": registrations.place_in_queue(mine) if mine and mine.is_waiting else 0,
        "is_included": _is_included(request.user, shown),
        "has_seat": has_seat,
        "leads": access.leads(request.user, shown),
        "helps": access.may_check_in(request.user, shown),
        "takes_cases": case_proposals.takes_cases(shown),
        **_what_remains(request.user, shown),
        "structured": event_facts(shown, community.current()),
        **more,
    }
    return render(request, "content/events/event.html", context, status=status)


def _what_remains(user, shown):
    may_read = access.may_read_what_remains(user, shown)
    remains = outcomes.remains_of(shown, user, may_read=may_read)
    players = _players(user, remains.recording if remains else None)
    if not shown.is_over:
        return {"remains": remains, "players": players}
    return {
        "remains": remains,
        "players": players,
        "may_rate": event_ratings.may_rate(user, shown),
        "own_rating": event_ratings.own_of(shown, user),
        "ratings": event_ratings.in_words(shown),
    }


def _players(user, recording):
    """The film with its chapters and what is said in it, for who may watch it."""
    if recording is None or not library.is_open(recording, user):
        return []
    keeps = access.keeps_place(user, recording)
    return playing.players_of(recording, user, keeps=keeps)


def _is_included(user, shown):
    return user.is_authenticated and registrations.is_included(shown, user)


@active_member_required
def event_register(request, pk):
    """Asks the event's questions, where it has some, and what it costs to cancel."""
    shown = access.get_event_to_come_to(request.user, pk)
    form = RegistrationForm(request.POST or None, event=shown)
    if request.method == "POST" and not shown.questions:
        form = RegistrationForm({}, event=shown)
    if form.is_valid():
        try:
            mine = registrations.register(
                event=shown, member=request.user, answers=form.answers
            )
        except RegistrationClosed:
            messages.error(request, _("Registration is closed."))
        except NotIncluded:
            messages.error(request, _("This event is for paying members."))
        else:
            _say_what_became(request, mine)
        return redirect(shown)
    context = {
        "event": shown,
        "form": form,
        "is_included": _is_included(request.user, shown),
    }
    status = 422 if form.is_bound else 200
    return render(request, "content/events/register.html", context, status=status)


def _say_what_became(request, mine):
    if mine.is_going:
        messages.success(request, _("You are registered."))
    elif mine.is_waiting:
        messages.info(request, _("It is full: you are on the waiting list."))
    else:
        messages.info(request, _("A seat is kept for you while you pay."))


@active_member_required
@require_POST
def event_confirm(request, pk):
    """Takes the seat that is kept: for nothing, for points, or by the checkout."""
    mine = access.get_own_registration(request.user, pk)
    way = request.POST.get("with")
    try:
        if way == "money":
            offer = registrations.offer_for(registration=mine)
            back = urlencode({"next": mine.event.get_absolute_url()})
            return redirect(f"{offer.get_absolute_url()}?{back}")
        if way == "points":
            registrations.pay_with_points(registration=mine)
        else:
            registrations.confirm_seat(registration=mine)
    except NotEnough:
        text = _("You do not have that many points.")
        return _show(request, mine.event, status=422, points_error=text)
    except NoSeatKept:
        messages.error(request, _("The seat is not kept for you any more."))
    else:
        messages.success(request, _("You are registered."))
    return redirect(mine.event)


@active_member_required
@require_POST
def event_leave(request, pk):
    mine = access.get_own_registration(request.user, pk)
    back = mine.event.get_absolute_url()
    if page := asked_first(request, _what_leaving_costs(mine), back):
        return page
    try:
        registrations.cancel_registration(registration=mine)
    except TooLateToCancel:
        messages.error(request, _("The event has taken place."))
    else:
        messages.success(request, _("You are not registered any more."))
    return redirect("content:events")


def _what_leaving_costs(mine):
    if mine.is_waiting:
        return _("Leave the waiting list?")
    if not mine.is_paid:
        return _("Give your seat back? Somebody else may have it then.")
    part = registrations.part_given_back(mine, timezone.now())
    if part == registrations.WHOLE:
        return _("Give your seat back? What you paid comes back to you.")
    if part == registrations.HALF:
        return _("Give your seat back? Half of what you paid comes back to you.")
    return _("Give your seat back? It is too late for getting anything back.")


@require_safe
def event_file(request, pk):
    shown = access.get_event_to_see(request.user, pk)
    has_seat = access.has_seat(request.user, shown)
    return calendar_file([shown], title=shown.title, with_links=has_seat)


def calendar_file(found, *, title, with_links, **more):
    body = calendars.file_of(found, title=title, with_links=with_links, **more)
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="event.ics"'
    response["Cache-Control"] = "private"
    return response


@active_member_required
def calendar_address(request):
    return show_address(request, calendars, "content/events/calendar.html")


@active_member_required
@require_POST
def calendar_address_remove(request):
    calendars.remove_address(member=request.user)
    messages.success(request, _("The address leads nowhere any more."))
    return redirect("content:calendar_address")


@require_safe
@cache_control(private=True)
def calendar_feed(request, token):
    """For calendars, which cannot sign in, and ask often: the file is only written
    when it is another one than they have."""
    member = access.get_calendar_owner(token)
    title = _("%(community)s: my events") % {"community": community.current()}
    found = calendars.events_for(member)
    days = calendars.days_of(due_dates.open_for(member, due_dates.cohorts_of(member)))
    more = {"days": days, "hours": calendars.hours_of(member)}
    mark = calendars.mark_of(found, title, **more)
    response = get_conditional_response(request, etag=mark)
    if response is None:
        response = calendar_file(found, title=title, with_links=True, **more)
    response["ETag"] = mark
    return response


@require_safe
@cache_control(private=True)
def event_material(request, pk):
    """Asked anew each time whether it is open to them."""
    return send_file(request, access.get_material(request.user, pk).file.name)
