import datetime as dt

from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.decorators import active_member_required, visitors_sign_in
from accounts.errors import NotNow
from accounts.models import Application
from accounts.services import joining, offers
from accounts.services.spaces import leave_space
from accounts.services.visits import note_visit
from community.lib.pages import page_for_visitors
from content import access, blocks
from content.forms.discussions import TopicForm, send
from content.services import discussions, reading, welcoming


@require_GET
def spaces(request):
    return render(
        request,
        "content/spaces/list.html",
        {"spaces": access.get_spaces_to_read(request.user)},
    )


@require_GET
@visitors_sign_in
def space(request, slug):
    try:
        facts = access.get_space_to_show(request.user, slug)
    except access.NeedsPlan:
        return _door(request, access.get_space_behind_plan(slug))
    except access.NeedsApplication:
        return redirect("accounts:space_apply", slug)
    rows, more = reading.read_topics(
        viewer=request.user, space_id=facts.pk, **_list_asked(request)
    )

    if request.user.is_authenticated:
        note_visit(request.user, space=facts.pk)

    def show():
        context = _list_context(request, rows, more) | {
            "space": facts,
            "new_url": reverse("content:topic_new", args=[slug]),
        }
        template = _whole_or_list(request, "content/spaces/detail.html")
        return render(request, template, context)

    return page_for_visitors(request, (facts, rows, more), show, asks=["show"])


def _door(request, space):
    """What the space is, and the plans that open it."""
    context = {"space": space, "offers": offers.opening(space.key)}
    return render(request, "content/spaces/door.html", context, status=403)


@require_POST
@active_member_required
def space_join(request, slug):
    space = access.get_space_to_read(request.user, slug)
    try:
        came_in = joining.join(space=space, member=request.user)
    except NotNow:
        return redirect("accounts:space_apply", slug)
    if isinstance(came_in, Application):
        return redirect("accounts:space_apply", slug)
    return redirect("content:space", slug)


@require_POST
@active_member_required
def space_leave(request, slug):
    space = access.get_space_to_read(request.user, slug)
    leave_space(space=space, member=request.user)
    joining.offer_free_places(space)
    return redirect("content:spaces")


@active_member_required
def topic_new(request, slug):
    space = access.get_space_to_read(request.user, slug)
    return _new_topic(request, f"space-{space.pk}", space=space)


@require_GET
def course_topics(request, slug):
    """The talk under a course: a page of its own, or a part for the course's page."""
    course = access.get_course_to_discuss(request.user, slug)
    new_url = reverse("content:course_topic_new", args=[slug])
    return _talk(request, {"course": course, "new_url": new_url}, item_id=course.pk)


@active_member_required
def course_topic_new(request, slug):
    course = access.get_course_to_discuss(request.user, slug)
    return _new_topic(request, f"course-{course.pk}", item=course)


@require_GET
@visitors_sign_in
def lesson_topics(request, pk):
    """The talk about one lesson; it stands under the course, too."""
    lesson = access.get_lesson_to_discuss(request.user, pk)
    new_url = reverse("content:lesson_topic_new", args=[pk])
    about = {"course": lesson.section.item, "lesson": lesson, "new_url": new_url}
    return _talk(request, about, lesson_id=pk)


def _talk(request, about, **place):
    rows, more = reading.read_topics(
        viewer=request.user, **place, **_list_asked(request)
    )
    template = _whole_or_list(request, "content/topics/course.html")
    return render(request, template, about | _list_context(request, rows, more))


@active_member_required
def lesson_topic_new(request, pk):
    lesson = access.get_lesson_to_discuss(request.user, pk)
    place = {"item": lesson.section.item, "lesson": lesson}
    return _new_topic(request, f"lesson-{pk}", **place)


def _new_topic(request, draft, **place):
    form = TopicForm(request.POST or None, draft=draft)
    topic = send(form, discussions.start_topic, author=request.user, **place)
    if topic:
        return redirect(topic)
    context = {"form": form, "examples": _examples_before_the_first(request), **place}
    status = 422 if form.is_bound else 200
    return render(request, "content/topics/new.html", context, status=status)


def _examples_before_the_first(request):
    """Whoever has written nothing yet sees how we write here; later nobody does."""
    if not welcoming.is_before_first_post(request.user):
        return None
    return welcoming.examples_for(request.user)


def _list_asked(request) -> dict:
    shown = request.GET.get("show", "all")
    if shown not in reading.SHOWN:
        raise Http404
    return {"shown": shown, "after": _after(request.GET.get("after"))}


def _mark(row) -> str:
    # "Z" and not "+00:00": a plus sign does not survive a query string.
    return f"{row.last_post_at.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%S.%fZ}_{row.pk}"


def _after(text):
    """Where the page before ended: the moment and number of its last topic."""
    if not text:
        return None
    try:
        moment, pk = text.rsplit("_", 1)
        return dt.datetime.fromisoformat(moment).astimezone(dt.UTC), int(pk)
    except (ValueError, OverflowError):
        raise Http404 from None


def _list_context(request, rows, more) -> dict:
    return {
        "rows": blocks.rows_for(rows),
        "shown": request.GET.get("show", "all"),
        "list_url": request.path,
        "next": more and _mark(rows[-1]),
    }


def _whole_or_list(request, template) -> str:
    return f"{template}#topics" if request.htmx else template
