"""A call for cases: members propose, the host decides."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import active_member_required
from accounts.errors import Muted
from content import access
from content.errors import NotAllowedNow, NotOpen, TooManyProposals
from content.forms.case_proposals import AcceptForm, DeclineForm, ProposalForm
from content.services import case_proposals
from content.views.asking import asked_first


@active_member_required
def case_propose(request, pk):
    event = access.get_call_for_cases(request.user, pk)
    form = ProposalForm(request.POST or None, event=event)
    if form.is_valid():
        try:
            case_proposals.propose(
                event=event, member=request.user, **form.cleaned_data
            )
        except NotOpen:
            form.add_error(None, _("No cases are taken any more."))
        except TooManyProposals:
            form.add_error(None, _("Three cases at most."))
        except Muted:
            form.add_error(None, _("You cannot write at present."))
        else:
            messages.success(request, _("Proposed. You hear when it is decided."))
            return redirect("content:case_propose", pk)
    context = {
        "event": event,
        "form": form,
        "takes_cases": case_proposals.takes_cases(event),
        "own": case_proposals.own_of(event, request.user),
    }
    status = 422 if form.is_bound else 200
    return render(request, "content/cases/propose.html", context, status=status)


@active_member_required
@require_POST
def case_withdraw(request, pk):
    proposal = access.get_own_proposal(request.user, pk)
    back = f"/events/{proposal.event_id}/cases/"
    if page := asked_first(request, _("Withdraw this case?"), back):
        return page
    try:
        case_proposals.withdraw(proposal=proposal)
    except NotAllowedNow:
        messages.error(request, _("It was decided already."))
    return redirect("content:case_propose", proposal.event_id)


@active_member_required
@require_safe
def event_cases(request, pk):
    event = access.get_event_to_lead(request.user, pk)
    return _show(request, event)


def _show(request, event, *, status=200, **refused):
    context = {
        "event": event,
        "proposals": case_proposals.of(event),
        "next_minute": case_proposals.next_free_minute(event),
        **refused,
    }
    return render(request, "content/cases/decide.html", context, status=status)


@active_member_required
@require_POST
def case_decide(request, pk):
    proposal = access.get_proposal_to_decide(request.user, pk)
    is_taken = "accept" in request.POST
    form = (AcceptForm if is_taken else DeclineForm)(request.POST)
    act = case_proposals.accept if is_taken else case_proposals.decline
    if not form.is_valid():
        refused = {"refused": proposal.pk, "refused_form": form}
        return _show(request, proposal.event, status=422, **refused)
    try:
        act(proposal=proposal, by=request.user, **form.cleaned_data)
    except NotAllowedNow:
        messages.error(request, _("It was decided or withdrawn meanwhile."))
    else:
        messages.success(request, _("Decided. Its member is told."))
    return redirect("content:event_cases", proposal.event_id)
