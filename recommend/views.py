from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.decorators import active_member_required
from content.access import get_item_by_number
from recommend.services import serving


@active_member_required
@require_POST
def not_interested(request, pk):
    serving.dismiss(member=request.user, item=get_item_by_number(request.user, pk))
    return redirect("home")
