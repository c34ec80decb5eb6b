from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import get_person_to_see
from accounts.decorators import active_member_required, member_required
from accounts.services import anniversaries, community
from community.lib import markdown
from content import access
from content.errors import NeedsALook, TooManyPosts, TooManyThemes
from content.forms.discussions import say_what_stops
from content.forms.themes import SummaryForm, ThemeForm
from content.services import growth, posting, themes, welcoming

MOST_CELEBRATED = 12


@require_GET
def culture(request):
    """What the community is for and how we are with each other: before joining, too."""
    ours = community.current()
    context = {
        "culture": markdown.render(ours.culture),
        "examples": welcoming.examples_for(request.user),
    }
    if getattr(request.user, "is_member", False):
        context["weeks"] = themes.running(request.user)
        context["celebrated"] = anniversaries.celebrated(
            timezone.localdate(), most=MOST_CELEBRATED
        )
    return render(request, "content/culture/culture.html", context)


@require_GET
@member_required
def theme_list(request):
    return _themes(request, ThemeForm())


@active_member_required
def theme_propose(request):
    if request.method != "POST":  # back from signing in again
        return redirect("content:themes")
    access.check_may_propose_themes(request.user)
    form = ThemeForm(request.POST)
    if form.is_valid():
        try:
            posting.propose_theme(by=request.user, **form.cleaned_data)
        except NeedsALook as stop:
            say_what_stops(form, stop.reasons, fields={"title": "title", "body": "why"})
        except TooManyThemes:
            form.add_error(
                None, _("Three of your themes wait for an answer. One more after that.")
            )
        else:
            return redirect("content:themes")
    return _themes(request, form, status=422)


def _themes(request, form, status=200):
    context = {"themes": access.get_themes_to_see(request.user), "form": form}
    context["weeks"] = access.get_weeks_to_see(request.user)
    return render(request, "content/culture/themes.html", context, status=status)


@require_POST
@active_member_required
def theme_vote(request, pk):
    theme = access.get_theme_to_vote(request.user, pk)
    is_undone = request.POST.get("undo") == "1"
    change = themes.want_no_more if is_undone else themes.want
    change(theme=theme, by=request.user)
    return redirect("content:themes")


@require_GET
@member_required
def theme_week(request, pk):
    week = access.get_week_to_see(request.user, pk)
    context = {
        "week": week,
        "prompts": week.prompts.select_related("topic"),
        "facts": themes.facts_of(week),
        "may_summarise": access.may_summarise(request.user, week),
    }
    return render(request, "content/culture/week.html", context)


@active_member_required
def week_summary(request, pk):
    week = access.get_week_to_summarise(request.user, pk)
    if week.summary:
        return redirect(week.summary)
    begun = {"title": week.title, "body": themes.summary_to_begin_with(week)}
    form = SummaryForm(request.POST or None, week=week, initial=begun)
    if form.is_valid():
        try:
            words = form.cleaned_data
            done = posting.summarise_week(week=week, by=request.user, **words)
        except NeedsALook as stop:
            fields = {"title": "title", "body": "body"}
            say_what_stops(form, stop.reasons, fields=fields)
        except TooManyPosts:
            form.add_error(None, _("That is a lot at once. Please wait a minute."))
        else:
            return redirect(done)
    context = {"form": form, "week": week}
    status = 422 if form.is_bound else 200
    return render(request, "content/culture/summary.html", context, status=status)


@require_GET
@active_member_required
def newcomers(request):
    access.check_welcomes(request.user)
    context = {
        "newcomers": welcoming.newcomers(request.user),
        "share": welcoming.answered_within_a_day(),
    }
    return render(request, "content/culture/newcomers.html", context)


STEPS = {
    "take": welcoming.take,
    "give_back": welcoming.give_back,
    "finish": welcoming.finish,
}


@require_POST
@active_member_required
def newcomer_greet(request, handle):
    newcomer = access.get_newcomer_to_greet(request.user, handle)
    step = STEPS.get(request.POST.get("step", ""), welcoming.take)
    step(newcomer=newcomer, by=request.user)
    return redirect("content:newcomers")


@require_GET
@member_required
def person_growth(request, handle):
    person = get_person_to_see(request.user, handle)
    shows = access.may_see_learning(request.user, person)
    context = {
        "person": person,
        "growth": growth.growth_of(person, request.user, with_learning=shows),
        "shows_learning": shows,
    }
    return render(request, "content/culture/growth.html", context)
