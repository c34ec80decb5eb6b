import time

from django.shortcuts import redirect, render

from accounts.services import community, consents
from community import start
from community.lib.pages import page_for_visitors
from content.services import co_authors, surveys
from incentives.services.points import balance

# A visitor may see a front page this old: it is the one most often asked for.
FRESH_SECONDS = 60


def home(request):
    if request.user.is_authenticated:
        return _home(request)
    told = start.charter(community.current())
    facts = (*told, time.time() // FRESH_SECONDS)
    return page_for_visitors(request, facts, lambda: _front(request))


def _front(request):
    context = {
        "front": start.front_for(request.user),
        "structured": start.organisation_facts(community.current()),
    }
    return render(request, "community/front.html", context)


def _home(request):
    if request.user.is_applicant:
        return redirect("accounts:joining")
    survey = surveys.open_for(request.user)
    if survey:
        surveys.mark_seen(survey)
    context = {
        "survey": survey,
        "survey_about": survey and surveys.title_of(survey, request.user),
        "home": start.home_for(request.user),
        "points": balance(request.user),
        "must_agree": consents.missing(request.user),
        "is_asked_to_write": co_authors.waiting_for(request.user).exists(),
    }
    return render(request, "community/home.html", context)
