from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.utils.translation import get_language

from incentives.services import suspicions
from incentives.services.lots import usable_until
from incentives.services.points import balance, pending
from incentives.services.statements import statement, waiting


@login_required
def points(request):
    context = {
        "balance": balance(request.user),
        "pending": pending(request.user),
        "waiting": waiting(request.user, language=get_language()),
        "checks": suspicions.current(request.user),
        "until": usable_until(request.user),
        "lines": statement(request.user, language=get_language()),
    }
    return render(request, "incentives/points.html", context)
