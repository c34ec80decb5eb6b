from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.utils.translation import get_language

from incentives import access


@login_required
def campaign(request, pk):
    reached = access.get_campaign_member(request.user, pk)
    language = get_language()
    coupon = reached.campaign.coupon
    context = {
        "title": reached.campaign.title_in(language),
        "text": reached.campaign.text_in(language),
        "points": reached.points,
        "coupon": coupon.title_in(language) if coupon else "",
    }
    return render(request, "incentives/campaign.html", context)
