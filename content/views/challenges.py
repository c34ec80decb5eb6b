"""Challenges: finding them, taking part, checking in."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import active_member_required, visitors_sign_in
from accounts.errors import NotEnough
from accounts.services import blocks, news
from accounts.services.news_choices import zone_of
from community.lib.dates import site_day
from community.lib.zones import zone_name
from content import access
from content.errors import (
    ChallengeClosed,
    ChallengeFull,
    CheckedInAlready,
    DayClosed,
    NotIncluded,
    ZoneMovedLately,
)
from content.forms.challenges import AnswerForm, CheckInForm, JoinForm, PartForm
from content.forms.discussions import send
from content.models import Case
from content.services import challenge_tickets, challenges, check_ins
from content.views.asking import asked_first

PAGE = 20


@require_safe
def challenge_list(request):
    """What runs and what comes; or one's own; or what is over."""
    show = request.GET.get("show", "")
    is_mine = show == "mine" and request.user.is_authenticated
    found = (access.get_own_challenges if is_mine else access.get_challenges)(
        request.user
    )
    if is_mine:
        found = found.order_by("-last_day", "-pk")
    elif show == "past":
        found = found.filter(last_day__lt=site_day()).order_by("-last_day", "-pk")
    else:
        found = found.published().filter(last_day__gte=site_day())
        found = found.order_by("first_day", "pk")
    page = Paginator(challenges.with_people(found), PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "page": page,
        "show": show if is_mine or show == "past" else "",
        "may_lead": access.may_lead_events(request.user),
    }
    return render(request, "content/challenges/list.html", context)


@require_safe
def challenge(request, pk):
    shown = access.get_challenge_to_see(request.user, pk)
    if request.user.is_authenticated:
        news.read_about(request.user, challenge=[pk])
    return _show(request, shown)


def _show(request, shown, *, status=200, form=None):
    mine = challenges.part_of(shown, request.user)
    progress = challenges.progress_of(mine) if mine else None
    latest = check_ins.readable(request.user).filter(participant__challenge=shown)
    if request.user.is_authenticated:
        unwanted = blocks.blocked_people(request.user)
        latest = latest.exclude(participant__member__in=unwanted)
    context = {
        "challenge": shown,
        "mine": mine,
        "progress": progress,
        "tasks": mine and _tasks_open(shown, progress),
        "form": form or _check_in_form(shown, progress),
        "part_form": mine and PartForm(initial=_part(mine)),
        "may_move": mine and mine.may_move and mine.zone != zone_of(request.user),
        "group": None if shown.is_draft else challenges.group_of(shown),
        "places_left": challenges.places_left(shown),
        "check_ins": latest[:PAGE],
        "leads": access.leads_challenge(request.user, shown),
        "is_included": request.user.is_authenticated
        and challenges.is_included(shown, request.user),
        "has_ticket": request.user.is_authenticated
        and challenges.has_ticket(shown, request.user),
        "may_read": shown.topic_id and access.may_read_topic(request.user, shown.topic),
    }
    page = "content/challenges/challenge.html"
    return render(request, page, context, status=status)


def _part(mine):
    hour = "" if mine.remind_hour is None else mine.remind_hour
    return {"remind_hour": hour, "is_ranked": mine.is_ranked}


def _tasks_open(shown, progress):
    """Those that may still be done, the latest first, as (day, its task)."""
    today = progress.today.date if progress.today else shown.last_day
    tasks = challenges.tasks_until(shown, today)
    days = progress.open or ([progress.today] if progress.today else [])
    return [(day, tasks[day.number]) for day in days]


def _check_in_form(shown, progress, data=None, files=None):
    if not progress or not (progress.open or data is not None):
        return None
    # What was sent may be for a day that is done by now: the service knows better.
    days = progress.open
    if data is not None:
        days = [day for day in progress.days if not day.is_future]
    choices = [(day.date, _label(day)) for day in days]
    return CheckInForm(data, files, challenge=shown, days=choices)


def _label(day):
    return _("Day %(number)s, %(date)s") % {
        "number": day.number,
        "date": date_format(day.date, "MONTH_DAY_FORMAT"),
    }


@active_member_required
def challenge_join(request, pk):
    shown = access.get_challenge_to_join(request.user, pk)
    form = JoinForm(request.POST or None, challenge=shown)
    if form.is_valid():
        try:
            challenges.join(challenge=shown, member=request.user, **form.cleaned_data)
        except ChallengeClosed:
            messages.error(request, _("Nobody can join this challenge any more."))
            return redirect(shown)
        except ChallengeFull:
            form.add_error(None, _("There is no place left: here, or in the team."))
        except NotIncluded:
            form.add_error(None, _("It is to be paid first."))
        else:
            messages.success(request, _("You take part."))
            return redirect(shown)
    return _show_joining(request, shown, form, status=422 if form.is_bound else 200)


def _show_joining(request, shown, form, *, status=200, points_error=""):
    """What it costs, until it is paid; then how one takes part."""
    is_included = challenges.is_included(shown, request.user)
    has_ticket = challenges.has_ticket(shown, request.user)
    context = {
        "challenge": shown,
        "form": form,
        "is_included": is_included,
        "has_ticket": has_ticket,
        "may_come": is_included or has_ticket,
        "comes_back": has_ticket and challenge_tickets.comes_back(shown),
        "points_error": points_error,
        "zone": zone_name(zone_of(request.user).key),
        "places_left": challenges.places_left(shown),
    }
    return render(request, "content/challenges/join.html", context, status=status)


@active_member_required
@require_POST
def challenge_pay(request, pk):
    """With points at once; with money the checkout comes first."""
    shown = access.get_challenge_to_join(request.user, pk)
    paying = {"challenge": shown, "member": request.user}
    try:
        if request.POST.get("with") == "points":
            challenge_tickets.pay_with_points(**paying)
        else:
            offer = challenge_tickets.offer_for(**paying)
            back = urlencode({"next": reverse("content:challenge_join", args=[pk])})
            return redirect(f"{offer.get_absolute_url()}?{back}")
    except NotEnough:
        text = _("You do not have that many points.")
        form = JoinForm(challenge=shown)
        return _show_joining(request, shown, form, status=422, points_error=text)
    except ChallengeFull:
        messages.error(request, _("Every place is taken."))
    except ChallengeClosed:
        messages.error(request, _("Nobody can join this challenge any more."))
    else:
        messages.success(request, _("Paid. Now choose how you take part."))
    return redirect("content:challenge_join", pk)


@active_member_required
@require_POST
def challenge_give_up(request, pk):
    """Who has paid, and does not take part after all."""
    ticket = access.get_own_ticket(request.user, pk)
    question = _("Give your place back? What you paid comes back to you.")
    back = ticket.challenge.get_absolute_url()
    if page := asked_first(request, question, back):
        return page
    try:
        challenge_tickets.give_up(ticket=ticket)
    except ChallengeClosed:
        messages.error(request, _("It has begun: nothing comes back any more."))
    else:
        messages.success(request, _("Given back."))
    return redirect(ticket.challenge)


@active_member_required
@require_POST
def challenge_leave(request, pk):
    mine = access.get_own_part(request.user, pk)
    question = _("Leave this challenge? What you checked in with stays in its topic.")
    if challenges.has_ticket(mine.challenge, request.user):
        question = _what_leaving_costs(mine.challenge)
    if page := asked_first(request, question, mine.challenge.get_absolute_url()):
        return page
    challenge_tickets.leave(participant=mine)
    messages.success(request, _("You do not take part any more."))
    return redirect("content:challenges")


def _what_leaving_costs(challenge):
    if challenge_tickets.comes_back(challenge):
        return _("Leave this challenge? What you paid comes back to you.")
    return _(
        "Leave this challenge? It has begun: what you paid does not come back, but "
        "you may take part again."
    )


@active_member_required
@require_POST
def challenge_choose(request, pk):
    mine = access.get_own_part(request.user, pk)
    form = PartForm(request.POST)
    if form.is_valid():
        challenges.choose(participant=mine, **form.cleaned_data)
        messages.success(request, _("Saved."))
    return redirect(mine.challenge)


@active_member_required
@require_POST
def challenge_zone(request, pk):
    mine = access.get_own_part(request.user, pk)
    try:
        challenges.move_zone(participant=mine)
    except ZoneMovedLately:
        messages.error(request, _("It can be changed once in a week."))
    else:
        messages.success(request, _("Saved."))
    return redirect(mine.challenge)


@active_member_required
@require_POST
def challenge_check_in(request, pk):
    mine = access.get_part_to_check_in(request.user, pk)
    shown = mine.challenge
    progress = challenges.progress_of(mine)
    form = _check_in_form(shown, progress, request.POST, request.FILES)
    try:
        made = send(form, check_ins.check_in, participant=mine, author=request.user)
    except DayClosed:
        form.add_error(None, _("This day is over: one cannot check in for it now."))
        made = None
    except CheckedInAlready:
        text = _("You have checked in for this day already. Your text is still here.")
        form.add_error(None, text)
        made = None
    if made is None:
        return _show(request, shown, status=422, form=form)
    if made.case:
        return redirect(made.case)
    messages.success(request, _("Checked in. Well done!"))
    return redirect(shown)


@visitors_sign_in
@require_safe
def check_in(request, pk):
    shown = access.get_check_in_to_read(request.user, pk)
    if request.user.is_authenticated:
        news.read_about(request.user, check_in=[pk])
    return _show_check_in(request, shown)


def _show_check_in(request, shown, *, status=200, form=None):
    is_member = request.user.is_authenticated
    context = {
        "check_in": shown,
        "challenge": shown.participant.challenge,
        "post": shown.shown,
        "answers": check_ins.answers_to(shown),
        "form": form or (AnswerForm(check_in=shown) if is_member else None),
        "may_praise": access.may_praise(request.user, shown),
    }
    page = "content/challenges/check_in.html"
    return render(request, page, context, status=status)


@active_member_required
@require_POST
def check_in_answer(request, pk):
    shown = access.get_check_in_to_read(request.user, pk)
    form = AnswerForm(request.POST, request.FILES, check_in=shown)
    said = send(form, check_ins.answer, check_in=shown, author=request.user)
    if said is None:
        return _show_check_in(request, shown, status=422, form=form)
    return redirect(said if isinstance(said, Case) else shown)


@active_member_required
@require_POST
def check_in_praise(request, pk):
    shown = access.get_check_in_to_praise(request.user, pk)
    if request.POST.get("undo") == "1":
        check_ins.take_praise_back(check_in=shown)
    else:
        check_ins.praise(check_in=shown, by=request.user)
    return redirect(shown)
