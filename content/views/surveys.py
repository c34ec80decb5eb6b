from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import active_member_required, member_required
from content import access
from content.errors import NotAllowedNow
from content.forms.surveys import SurveyForm
from content.services import surveys as asking


@member_required
@require_safe
def surveys(request):
    """What I was asked, and whether I may be asked again."""
    context = {
        "asked": access.get_surveys_of(request.user),
        "has_refused": asking.has_refused(request.user),
    }
    return render(request, "content/surveys/list.html", context)


@member_required
def survey(request, pk):
    asked = access.get_survey_to_answer(request.user, pk)
    if "later" in request.POST:
        asking.decline(asked=asked)
        messages.info(request, _("All right. You are not asked again soon."))
        return redirect("home")
    asking.mark_seen(asked)
    form = SurveyForm(request.POST or None, asked=asked)
    if form.is_valid():
        try:
            asking.answer(asked=asked, **form.told())
        except NotAllowedNow:
            form.add_error(None, _("This survey is closed."))
        else:
            messages.success(request, _("Thank you. Your answers are counted."))
            return redirect("content:surveys")
    context = {
        "asked": asked,
        "about": asking.title_of(asked, request.user),
        "is_open": asking.is_open(asked),
        "form": form,
    }
    status = 422 if form.is_bound else 200
    return render(request, "content/surveys/answer.html", context, status=status)


@active_member_required
@require_POST
def survey_refuse(request):
    if "again" in request.POST:
        asking.allow(member=request.user)
        messages.success(request, _("You may be asked again, seldom."))
    else:
        asking.refuse(member=request.user)
        messages.success(request, _("You are not asked any more."))
    return redirect("content:surveys")
