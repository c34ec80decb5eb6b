"""Challenges in the studio: making, changing, cancelling them, and who takes part."""

import datetime as dt

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import active_member_required
from community.lib.dates import site_day
from community.lib.spreadsheets import send_csv
from content import access
from content.errors import ChallengeBegun, ChallengeClosed, ChallengeFull
from content.forms.challenges import ChallengeForm, TasksForm
from content.forms.events import CancelForm
from content.models import Challenge
from content.services import challenges, check_ins
from content.views.asking import asked_first

DAYS = 21  # what camps mostly have
LATEST = 20


@active_member_required
@require_safe
def challenge_studio(request):
    access.check_may_lead_events(request.user)
    everything = access.is_operator(request.user)
    found = challenges.hosted_by(request.user, everything=everything)
    context = {"challenges": challenges.with_people(found)[:200]}
    return render(request, "content/leading/list.html", context)


def _form(request, challenge):
    return ChallengeForm(
        request.POST or None,
        instance=challenge,
        spaces=access.get_spaces_to_write_in(request.user),
        may_give_titles=access.is_operator(request.user),
    )


@active_member_required
def challenge_new(request):
    access.check_may_lead_events(request.user)
    first = site_day() + dt.timedelta(days=1)
    last = first + dt.timedelta(days=DAYS - 1)
    form = _form(
        request,
        Challenge(first_day=first, last_day=last, required_days=DAYS - 3),
    )
    if form.is_valid():
        form_key = form.cleaned_data["form_key"]
        made = challenges.make_challenge(
            by=request.user, form_key=form_key, **form.says
        )
        return redirect("content:challenge_manage", made.pk)
    status = 422 if form.is_bound else 200
    return render(request, "content/leading/new.html", {"form": form}, status=status)


@active_member_required
@require_safe
def challenge_manage(request, pk):
    challenge = access.get_challenge_to_lead(request.user, pk)
    found = check_ins.readable(request.user).filter(participant__challenge=challenge)
    context = {
        "challenge": challenge,
        "lines": challenges.lines_of(challenge),
        "unanswered": check_ins.unanswered(found)[:LATEST],
        "cancel_form": CancelForm(),
        "paid": challenges.paid_places(challenge),
    }
    return render(request, "content/leading/manage.html", context)


@active_member_required
def challenge_change(request, pk):
    challenge = access.get_challenge_to_lead(request.user, pk)
    form = _form(request, challenge)
    if form.is_valid():
        try:
            challenges.change_challenge(challenge=challenge, **form.says)
        except ChallengeBegun:
            text = _("Somebody has checked in: its days and rules stay as they are.")
            form.add_error(None, text)
        except ChallengeFull:
            form.add_error("places", _("More people take part than that."))
        except ChallengeClosed:
            form.add_error(None, _("This challenge was cancelled."))
        else:
            messages.success(request, _("Saved."))
            return redirect("content:challenge_manage", pk)
    context = {"challenge": challenge, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "content/leading/change.html", context, status=status)


@active_member_required
def challenge_tasks(request, pk):
    challenge = access.get_challenge_to_lead(request.user, pk)
    form = TasksForm(request.POST or None, challenge=challenge)
    if form.is_valid():
        challenges.save_tasks(challenge=challenge, tasks=form.tasks)
        messages.success(request, _("Saved."))
        return redirect("content:challenge_manage", pk)
    context = {"challenge": challenge, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "content/leading/tasks.html", context, status=status)


@active_member_required
@require_POST
def challenge_publish(request, pk):
    challenge = access.get_challenge_to_lead(request.user, pk)
    try:
        challenges.publish_challenge(challenge=challenge)
    except ChallengeClosed:
        messages.error(request, _("It is over or was cancelled."))
    else:
        messages.success(request, _("Published."))
    return redirect("content:challenge_manage", pk)


@active_member_required
@require_POST
def challenge_cancel(request, pk):
    challenge = access.get_challenge_to_lead(request.user, pk)
    form = CancelForm(request.POST)
    sure = _("Cancel this challenge? Everybody who takes part is told.")
    if challenge.is_sold:
        sure = _(
            "Cancel this challenge? Everybody is told, and what was paid goes back."
        )
    if page := asked_first(request, sure, f"/studio/challenges/{pk}/"):
        return page
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    try:
        challenges.cancel_challenge(challenge=challenge, by=request.user, reason=reason)
    except ChallengeClosed:
        messages.error(request, _("It has not gone out: remove the draft instead."))
    else:
        messages.success(request, _("Cancelled. Everybody is told."))
    return redirect("content:challenge_manage", pk)


@active_member_required
@require_POST
def challenge_remove(request, pk):
    challenge = access.get_challenge_to_lead(request.user, pk)
    back = f"/studio/challenges/{pk}/"
    if page := asked_first(request, _("Remove this draft?"), back):
        return page
    try:
        challenges.remove_draft(challenge=challenge)
    except ChallengeClosed:
        messages.error(request, _("It went out already: cancel it instead."))
        return redirect("content:challenge_manage", pk)
    return redirect("content:challenge_studio")


@active_member_required
@require_safe
def challenge_people_csv(request, pk):
    challenge = access.get_challenge_to_lead(request.user, pk)
    header = [
        *(_("Name"), _("User name"), _("Team"), _("Days"), _("Last check-in")),
        _("Finished"),
    ]
    rows = (
        [
            str(it.mine.member),
            it.mine.member.username,
            str(it.mine.team or ""),
            it.done,
            it.last_day.isoformat() if it.last_day else "",
            f"{it.mine.done_at:%Y-%m-%d}" if it.mine.done_at else "",
        ]
        for it in challenges.lines_of(challenge)
    )
    return send_csv(f"challenge-{pk}", header, rows)
