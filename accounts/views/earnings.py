import csv

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.services import shares


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
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="earnings.csv"'
    response.write("\ufeff")  # or spreadsheets take Chinese for Latin
    writer = csv.writer(response)
    writer.writerow(["date", "cause", "order", "amount", "currency", "balance"])
    writer.writerows(shares.lines_of(request.user))
    return response
