"""Tags: proposals that an editor confirms, and following one."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.decorators import active_member_required
from accounts.services import interests
from content import access
from content.errors import TooManyTags
from content.forms.tags import ProposalsForm, too_many_tags
from content.services import tags


@active_member_required
def item_tags(request, pk):
    item = access.get_item_to_write(request.user, pk)
    form = ProposalsForm(request.POST or None, proposals=tags.proposals_for(item))
    if form.is_valid():
        takes, refuses = form.decided("take"), form.decided("refuse")
        try:
            tags.decide(item=item, takes=takes, refuses=refuses)
        except TooManyTags:
            form.add_error(None, too_many_tags())
        else:
            messages.success(request, _("Saved."))
            return redirect("content:item_tags", pk)
    context = {"form": form, "item": item, "has": item.tags.all()}
    status = 422 if form.is_bound else 200
    return render(request, "content/studio/tags.html", context, status=status)


@active_member_required
@require_POST
def tag_follow(request, slug):
    tag = access.get_tag_to_follow(request.user, slug)
    interests.follow(member=request.user, tag=tag, is_on="stop" not in request.POST)
    return redirect(f"/library/?{urlencode({'tag': tag.slug})}")
