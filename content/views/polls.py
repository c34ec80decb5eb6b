"""Polls: voting, what came of it, and what their askers may change."""

from dataclasses import replace

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.decorators import active_member_required, visitors_sign_in
from content import access
from content.errors import AlreadyVoted, NeedsALook, PollChanged, PollOver
from content.forms.discussions import say_what_stops
from content.forms.polls import EndForm, LessonPollForm, PollForm, VoteForm, said_in
from content.services import polls, posting
from content.views.asking import asked_first

VOTES_PER_PAGE = 50


def shown_poll(request, facts, *, votes=None, **more):
    """What `polls/_poll.html` needs; nothing where there is no poll. `votes` says
    whether this viewer may where it stands."""
    if facts is None:
        return {}
    user = request.user
    may_write = user.is_authenticated and user.is_member and not user.is_suspended
    asks = facts.topic_id and user.is_authenticated and facts.author_id == user.pk
    may_close = facts.topic_id and (asks or access.is_guide(user))
    return {
        "poll": facts,
        "votes": may_write if votes is None else votes and may_write,
        "changes_poll": asks and not facts.is_over,
        "closes_poll": may_close and not facts.is_over,
        **more,
    }


@require_GET
@visitors_sign_in
def poll(request, pk):
    """The poll alone: the part of a page, or a page of its own."""
    shown = access.get_poll_to_see(request.user, pk)
    facts = access.get_poll_to_show(request.user, pk)
    return _show(request, shown, shown_poll(request, facts))


def _show(request, shown, context, status=200):
    name = "_poll" if request.htmx.target == "poll" else "poll"
    context = {"stands_at": shown.get_absolute_url(), **context}
    return render(request, f"content/polls/{name}.html", context, status=status)


@require_POST
@active_member_required
def poll_vote(request, pk):
    facts = access.get_poll_to_vote(request.user, pk)
    form = VoteForm(request.POST, poll=facts)
    wrong = _wrong_with_vote(request, form, pk)
    shown = access.get_poll_to_see(request.user, pk)
    facts = access.get_poll_to_show(request.user, pk)
    if wrong:
        if facts.may_vote:
            facts = replace(facts, marked=form.marked, typed_ranks=form.typed_ranks)
        return _show(request, shown, shown_poll(request, facts, wrong=wrong), 422)
    if request.htmx:
        said = _("Your vote is counted.")
        return _show(request, shown, shown_poll(request, facts, said=said))
    messages.success(request, _("Your vote is counted."))
    return redirect(shown)


def _wrong_with_vote(request, form, pk):
    """Votes; says what was in the way, or nothing."""
    if not form.is_valid():
        texts = [text for each in form.errors.values() for text in each]
        return texts[0]
    try:
        polls.vote(
            poll=access.get_poll_to_see(request.user, pk),
            member=request.user,
            chosen=form.cleaned_data["chosen"],
            version=form.cleaned_data["version"],
        )
    except PollOver:
        return _("The poll has ended meanwhile: this vote was not counted.")
    except PollChanged:
        return _("The poll was changed meanwhile. Please look at it again.")
    except AlreadyVoted:
        return _("You have voted already; your vote stays as it was.")
    return ""


@require_GET
@visitors_sign_in
def poll_votes(request, pk):
    """Who voted for what, where a poll is open."""
    facts = access.get_poll_with_votes(request.user, pk)
    found = polls.votes_in(facts)
    page = Paginator(found, VOTES_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "poll": facts,
        "page": page,
        "votes": [(it.member, polls.words_of(facts, it)) for it in page],
    }
    return render(request, "content/polls/votes.html", context)


@require_http_methods(["GET", "POST"])
@active_member_required
def poll_change(request, pk):
    """All of it until somebody has voted, then only its end."""
    made = access.get_poll_to_change(request.user, pk)
    if made.is_over:
        messages.error(request, _("The poll has ended; it cannot be changed."))
        return redirect(made)
    form = _form_of(request, made)
    if form.is_valid() and _changed(request, made, form):
        return redirect(made)
    context = {"form": form, "poll": made, "back": made.get_absolute_url()}
    status = 422 if form.is_bound else 200
    return render(request, "content/polls/change.html", context, status=status)


def _form_of(request, made):
    # Who sent more than the end is told that it was too late for that.
    if made.voters and "poll-choices" not in request.POST:
        form = EndForm
    else:
        form = LessonPollForm if made.lesson_id else PollForm
    return form(request.POST or None, initial=said_in(made))


def _changed(request, made, form):
    try:
        posting.change_poll(poll=made, by=request.user, **form.terms)
    except NeedsALook as stop:
        say_what_stops(form, stop.reasons, fields={"beside": "choices"})
    except PollOver:
        form.add_error(None, _("The poll has ended; it cannot be changed."))
    except PollChanged:
        form.add_error(
            None,
            _("Somebody has voted meanwhile: now only the end can be changed."),
        )
    else:
        messages.success(request, _("Saved."))
        return True
    return False


@require_POST
@active_member_required
def poll_close(request, pk):
    made = access.get_poll_to_close(request.user, pk)
    question = _("End this poll now? It cannot be opened again.")
    if page := asked_first(request, question, made.get_absolute_url()):
        return page
    polls.close_poll(poll=made)
    messages.success(request, _("The poll has ended. Who voted is told."))
    return redirect(made)


@active_member_required
def lesson_poll(request, pk):
    """The poll of a lesson in the studio: made, changed."""
    lesson = access.get_lesson_to_ask_in(request.user, pk)
    made = access.get_poll_of(lesson)
    is_over = made is not None and made.is_over
    form = _form_of(request, made) if made else LessonPollForm(request.POST or None)
    if not is_over and form.is_valid() and _saved(request, lesson, made, form):
        return redirect("content:lesson_poll", pk)
    context = {"lesson": lesson, "made": made, "item": lesson.section.item}
    context["form"] = None if is_over else form
    context["facts"] = made and access.get_poll_to_show(request.user, made.pk)
    status = 422 if form.is_bound and not is_over else 200
    return render(request, "content/polls/studio.html", context, status=status)


def _saved(request, lesson, made, form):
    if made:
        return _changed(request, made, form)
    try:
        posting.ask_in_lesson(lesson=lesson, by=request.user, **form.terms)
    except NeedsALook as stop:
        say_what_stops(form, stop.reasons, fields={"beside": "choices"})
        return False
    messages.success(request, _("Saved."))
    return True


@require_POST
@active_member_required
def lesson_poll_remove(request, pk):
    lesson = access.get_lesson_to_ask_in(request.user, pk)
    made = access.get_poll_of(lesson)
    question = _("Take out this poll?")
    if page := asked_first(request, question, f"/studio/lessons/{pk}/poll/"):
        return page
    if made and not polls.remove_poll(poll=made):
        messages.error(request, _("Members have voted already; it stays."))
    return redirect("content:lesson_poll", pk)
