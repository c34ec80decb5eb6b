from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import active_member_required
from accounts.errors import NotEnough
from incentives import access
from incentives.forms.bounties import BountyForm
from incentives.services import bounties
from incentives.services.points import balance


@login_required
@require_safe
def bounty(request, topic):
    """What a good answer is worth: a page, or the line that the topic's page shows."""
    asked = access.get_question_to_reward(request.user, topic)
    if request.htmx:
        context = {"asked": asked, "total": bounties.total_on(topic)}
        return render(request, "incentives/_bounty.html", context)
    return _show(request, asked)


def _show(request, asked, form=None):
    context = {
        "asked": asked,
        "bounties": bounties.on_question(asked.number),
        "total": bounties.total_on(asked.number),
        "balance": balance(request.user),
        "days": bounties.WAITING_TIME.days,
    }
    if asked.is_open and request.user.is_member:
        context["form"] = form or BountyForm()
    status = 422 if form else 200
    return render(request, "incentives/bounty.html", context, status=status)


@active_member_required
@require_POST
def bounty_put_up(request, topic):
    asked = access.get_question_to_reward(request.user, topic)
    form = BountyForm(request.POST)
    if not asked.is_open:
        messages.error(request, _("An answer is accepted already, or it is closed."))
        return redirect(asked.address)
    if form.is_valid():
        try:
            bounties.put_up(member=request.user, topic=topic, **form.cleaned_data)
        except NotEnough:
            form.add_error("points", _("You do not have that many points."))
        else:
            messages.success(request, _("Your points are put up for an answer."))
            return redirect(asked.address)
    return _show(request, asked, form)
