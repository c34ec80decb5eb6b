"""Packing: the list that operators print, with addresses, for a reason."""

from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.decorators import active_account_required
from community.lib.spreadsheets import send_csv
from incentives import access
from incentives.forms.parcels import PickForm
from incentives.services import parcels


@never_cache
@active_account_required
def picking(request):
    access.check_sends_goods(request.user)
    waiting = parcels.to_send()
    form = PickForm(request.POST or None, waiting=waiting)
    if request.method != "POST" or not form.is_valid():
        context = {"form": form, "waiting": waiting}
        status = 422 if form.is_bound else 200
        return render(
            request, "incentives/rewards/picking.html", context, status=status
        )
    labels = parcels.pick(by=request.user, **form.cleaned_data)
    if "csv" in request.POST:
        return _as_csv(labels)
    context = {"labels": labels}
    return render(request, "incentives/rewards/picking_list.html", context)


def _as_csv(labels):
    header = [_("Number"), _("Reward"), _("Name"), _("Phone"), _("Postal address")]
    rows = [
        (label.number, label.title, label.to.name, label.to.phone, label.to.address)
        for label in labels
    ]
    return send_csv("parcels", header, rows)
