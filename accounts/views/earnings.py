from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.services import shares
from community.lib.spreadsheets import send_csv


@login_required
@require_safe
def earnings(request):
    """What a creator earned, month by month, and what is still owed."""
    context = {
        "months": shares.statement(request.user),
        "owed": shares.owed_by_currency(request.user),
        "payouts": shares.payouts_to(request.user),
    }
    return render(request, "accounts/earnings/earnings.html", context)


@login_required
@require_safe
def earnings_csv(request):
    """Every line of the statement, for the creator's own books."""
    header = ["date", "cause", "order", "amount", "currency", "balance"]
    return send_csv("earnings", header, shares.lines_of(request.user))
