"""Keeping order: what guides do with a topic, on a page of its own."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.decorators import active_member_required
from content import access
from content.errors import NotHere, NotMerged, TooLateToUndo, TooManyPinned
from content.forms.guiding import (
    CloseForm,
    KindForm,
    MergeForm,
    MoveForm,
    SlowForm,
    SplitForm,
)
from content.services import discussions, guiding, putting_back, rearranging
from content.views.asking import asked_first


@require_GET
@active_member_required
def topic_order(request, pk):
    return _show(request, access.get_topic_to_guide(request.user, pk))


def _show(request, topic, **bound):
    """All forms of the page; `bound` is the one that was sent."""
    forms = {
        "close_form": CloseForm(initial={"reason": topic.closed_reason}),
        "slow_form": SlowForm(initial={"seconds": topic.slow_seconds}),
        "kind_form": KindForm(initial={"kind": topic.kind, "link": topic.link}),
        "move_form": MoveForm(spaces=access.get_spaces_to_move_to(request.user, topic)),
        "merge_form": MergeForm(),
    }
    return render(
        request,
        "content/topics/order.html",
        {"topic": topic, "rearranged": _rearranged(request, topic), **forms, **bound},
        status=422 if bound else 200,
    )


def _rearranged(request, topic):
    """What this guide may undo; of the rest, not every guide may read the titles."""
    done = putting_back.fresh(topic)
    return [it for it in done if access.may_put_back(request.user, it)]


@require_POST
@active_member_required
def topic_close(request, pk):
    topic = access.get_topic_to_guide(request.user, pk)
    if request.POST.get("undo") == "1":
        discussions.reopen_topic(topic=topic)
        return redirect(topic)
    form = CloseForm(request.POST)
    if not form.is_valid():
        return _show(request, topic, close_form=form)
    discussions.close_topic(topic=topic, **form.cleaned_data)
    return redirect(topic)


@require_POST
@active_member_required
def topic_mark(request, pk):
    """Pin it or choose it as one of the best, or take that back."""
    topic = access.get_topic_to_guide(request.user, pk)
    act = request.POST.get("act")
    try:
        if act == "pin":
            guiding.pin(topic=topic)
        elif act == "unpin":
            guiding.unpin(topic=topic)
        elif act == "feature":
            guiding.feature(topic=topic, by=request.user)
        elif act == "unfeature":
            guiding.unfeature(topic=topic, by=request.user)
        else:
            raise Http404
    except TooManyPinned:
        messages.error(
            request, _("Three topics are pinned already. Take one of them down first.")
        )
    except NotHere:
        messages.error(request, _not_possible())
    return redirect("content:topic_order", pk)


@require_POST
@active_member_required
def topic_slow(request, pk):
    topic = access.get_topic_to_guide(request.user, pk)
    form = SlowForm(request.POST)
    if not form.is_valid():
        return _show(request, topic, slow_form=form)
    guiding.set_slow_mode(topic=topic, **form.cleaned_data)
    return redirect("content:topic_order", pk)


@require_POST
@active_member_required
def topic_kind(request, pk):
    topic = access.get_topic_to_guide(request.user, pk)
    form = KindForm(request.POST)
    if not form.is_valid():
        return _show(request, topic, kind_form=form)
    try:
        guiding.change_kind(topic=topic, **form.cleaned_data)
    except NotHere:
        form.add_error(
            "kind", _("A poll stays a poll, and an answered question a question.")
        )
        return _show(request, topic, kind_form=form)
    return redirect("content:topic_order", pk)


@require_POST
@active_member_required
def topic_move(request, pk):
    topic = access.get_topic_to_guide(request.user, pk)
    spaces = access.get_spaces_to_move_to(request.user, topic)
    form = MoveForm(request.POST, spaces=spaces)
    if not form.is_valid():
        return _show(request, topic, move_form=form)
    try:
        guiding.move(topic=topic, by=request.user, **form.cleaned_data)
    except NotHere:
        messages.error(request, _not_possible())
        return redirect("content:topic_order", pk)
    messages.success(request, _("The topic stands in its new space."))
    return redirect("content:topic", pk, "topic")


@require_POST
@active_member_required
def topic_merge(request, pk):
    topic = access.get_topic_to_guide(request.user, pk)
    form = MergeForm(request.POST)
    if not form.is_valid():
        return _show(request, topic, merge_form=form)
    into = access.get_topic_to_guide(request.user, form.cleaned_data["into"])
    question = _(
        "Put all posts of “%(topic)s” behind those of “%(into)s”? "
        "For a day you can take this back."
    ) % {"topic": topic.title, "into": into.title}
    if page := asked_first(request, question, topic.get_absolute_url()):
        return page
    try:
        into = rearranging.merge(topic=topic, into=into, by=request.user)
    except NotMerged as error:
        form.add_error("into", _why_not_merged(error.why))
        return _show(request, topic, merge_form=form)
    messages.success(request, _for_a_day())
    return redirect(into)


def _why_not_merged(why):
    return {
        "itself": _("That is this topic itself."),
        "gone": _("That topic was merged into another one itself."),
        "hidden": _("One of the two topics is hidden."),
        "kind": _(
            "Polls and announcements are more than their posts: they go into no other "
            "topic."
        ),
    }[why]


def _for_a_day():
    return _("Done. For a day it can be taken back, on the page that keeps order.")


@require_POST
@active_member_required
def rearrangement_undo(request, pk):
    done = access.get_rearrangement_to_undo(request.user, pk)
    back = reverse("content:topic_order", args=[_kept(done).pk])
    question = _("Let the posts stand where they stood before?")
    if page := asked_first(request, question, back):
        return page
    try:
        topic = putting_back.put_back(done=done, by=request.user)
    except TooLateToUndo:
        messages.error(request, _("That was more than a day ago."))
    except NotHere:
        messages.error(
            request, _("One of the two topics was hidden or merged since then.")
        )
    else:
        return redirect(topic)
    return redirect(back)


def _kept(done):
    """The topic that goes on, of the two."""
    return done.topic if done.act == done.Act.SPLIT else done.into


@active_member_required
def topic_split(request, pk):
    """Which posts get a topic of their own; of a page of the topic at a time."""
    topic = access.get_topic_to_guide(request.user, pk)
    posts = access.get_posts_to_take(topic)
    form = SplitForm(request.POST or None, posts=posts)
    if form.is_valid():
        question = _("Move these posts into a topic of their own?")
        if page := asked_first(request, question, topic.get_absolute_url()):
            return page
        try:
            new = rearranging.split(topic=topic, by=request.user, **form.cleaned_data)
        except NotHere:
            form.add_error("numbers", _not_possible())
        else:
            messages.success(request, _for_a_day())
            return redirect(new)
    return render(
        request,
        "content/topics/split.html",
        {"topic": topic, "form": form},
        status=422 if form.is_bound else 200,
    )


def _not_possible():
    return _("That is not possible with this topic.")
