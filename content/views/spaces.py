from functools import cache

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.decorators import active_member_required, visitors_sign_in
from accounts.errors import NotNow
from accounts.models import Application, Space
from accounts.services import joining, offers
from accounts.services.spaces import give_place_role, guides_of, leave_space
from accounts.services.visits import note_visit
from community.lib import markdown
from community.lib.keyset import after_mark, mark_of
from community.lib.pages import page_for_visitors
from content import access, blocks
from content.forms.discussions import TopicForm, send
from content.forms.guiding import InviteForm, PlaceRoleForm
from content.forms.polls import PollForm
from content.models import Topic
from content.services import posting, reading, search, unread, welcoming
from content.views.quoting import carried_quote


@require_GET
def spaces(request):
    found = list(access.get_spaces_to_read(request.user))
    if request.user.is_authenticated:
        news = unread.counts(request.user, [it.pk for it in found])
        for it in found:
            it.news = news.get(it.pk)
    return render(request, "content/spaces/list.html", {"spaces": found})


@require_GET
@visitors_sign_in
def space(request, slug):
    try:
        facts = access.get_space_to_show(request.user, slug)
    except (access.NeedsPlan, access.NeedsLevel):
        return _door(request, access.get_space_behind_door(slug))
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
            "may_guide": access.is_guide(request.user) or facts.guided,
            "new_url": f"{request.path}new/",
        }
        template = _whole_or_list(request, "content/spaces/detail.html")
        return render(request, template, context)

    return page_for_visitors(request, (facts, rows, more), show, asks=["show"])


def _door(request, space):
    """What the space is, and the plans or the level that open it."""
    by_plan = space.access == Space.Access.PLAN
    context = {
        "space": space,
        "offers": offers.opening(space.key) if by_plan else [],
        "level": getattr(request.user, "level", None),
    }
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


@require_GET
@visitors_sign_in
def space_charter(request, slug):
    """What a space is for, whom, what holds in it, and who looks after it."""
    try:
        space = access.get_space_to_show(request.user, slug)
    except (access.NeedsPlan, access.NeedsLevel):
        return _door(request, access.get_space_behind_door(slug))
    except access.NeedsApplication:
        return redirect("accounts:space_apply", slug)
    people = guides_of(space.pk).select_related("member").order_by("role", "joined_at")
    context = {
        "space": space,
        "rules": markdown.render(space.rules),
        "people": people,
        "may_guide": access.is_guide(request.user) or space.guided,
    }
    return render(request, "content/spaces/charter.html", context)


@active_member_required
def space_people(request, slug):
    """Who looks after a space, and who is asked in."""
    space = access.get_space_to_guide(request.user, slug)
    act = request.POST.get("act")
    may_name = access.may_name_guides(request.user, space)
    if act == "role" and not may_name:
        raise PermissionDenied
    role_form = PlaceRoleForm(request.POST if act == "role" else None)
    invite_form = InviteForm(request.POST if act == "invite" else None)
    if role_form.is_valid():
        give_place_role(space=space, by=request.user, **role_form.cleaned_data)
        return redirect(request.path)
    if invite_form.is_valid() and _invite(space, request.user, invite_form):
        return redirect(request.path)
    context = {
        "space": space,
        "people": guides_of(space.pk).select_related("member"),
        "invitations": joining.open_invitations(space),
        "role_form": role_form if may_name else None,
        "invite_form": invite_form,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "content/spaces/people.html", context, status=status)


def _invite(space, by, form):
    try:
        return joining.invite(space=space, by=by, **form.cleaned_data)
    except NotNow:
        form.add_error(
            "member", _("They are in already, or too many invitations are open.")
        )
        return None


@require_POST
@active_member_required
def space_invitation_end(request, pk):
    invitation = access.get_invitation_to_end(request.user, pk)
    joining.end_invitation(invitation=invitation)
    if invitation.member_id == request.user.pk:
        return redirect("content:spaces")
    return redirect("content:space_people", invitation.space.slug)


@active_member_required
def topic_new(request, slug):
    space = access.get_space_to_read(request.user, slug)
    may_announce = access.may_announce(request.user, space.pk)
    return _new_topic(
        request, f"space-{space.pk}", may_announce=may_announce, space=space
    )


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


def _new_topic(request, draft, *, may_announce=False, **place):
    if "look" in request.POST:
        return _look_for_similar(request, draft, place, may_announce=may_announce)
    form = TopicForm(
        request.POST or None,
        request.FILES or None,
        draft=draft,
        kind=request.GET.get("kind", ""),
        body=carried_quote(request),
        may_announce=may_announce,
    )
    asks = request.POST.get("kind") == Topic.Kind.POLL
    poll = PollForm(request.POST if asks else None, draft=draft)
    if not asks or poll.is_valid():
        terms = {"poll": poll.terms} if asks else {}
        who = {"author": request.user, **place, **terms}
        if topic := send(form, posting.post_topic, **who):
            return redirect(topic)
    context = {"form": form, "poll": poll, "similar": [], "looked": False, **place}
    context["examples"] = _examples_before_the_first(request)
    status = 422 if form.is_bound else 200
    return render(request, "content/topics/new.html", context, status=status)


def _examples_before_the_first(request):
    """Whoever has written nothing yet sees how we write here; later nobody does."""
    if not welcoming.is_before_first_post(request.user):
        return None
    return welcoming.examples_for(request.user)


def _look_for_similar(request, draft, place, *, may_announce):
    """What was asked before, for those without scripts; what they typed stays."""
    similar = search.questions_with(request.POST.get("title", ""), request.user)
    typed = request.POST.dict()
    form = TopicForm(draft=draft, typed=typed, may_announce=may_announce)
    poll = PollForm(draft=draft, initial=PollForm.typed_in(typed))
    context = {"form": form, "poll": poll, "similar": similar, "looked": True, **place}
    return render(request, "content/topics/new.html", context)


def _list_asked(request) -> dict:
    shown = request.GET.get("show", "all")
    if shown not in reading.SHOWN:
        raise Http404
    return {"shown": shown, "after": after_mark(request.GET.get("after"))}


def _list_context(request, rows, more) -> dict:
    return {
        "rows": blocks.rows_for(rows),
        "shown": request.GET.get("show", "all"),
        "tabs": _tabs(get_language(), is_member=request.user.is_authenticated),
        "list_url": request.path,
        "next": more and mark_of(rows[-1].last_post_at, rows[-1].pk),
    }


@cache
def _tabs(language: str, *, is_member: bool) -> tuple:
    """The filters of a list; what is new is nobody's who did not sign in."""
    kinds = Topic.Kind
    tabs = [
        ("all", _("All")),
        ("new", pgettext("topics", "New")),
        ("best", _("Best of")),
        ("questions", _("Questions")),
        ("unanswered", _("Unanswered")),
        *((f"{kind}s", kinds(kind).label) for kind in reading.LISTED_KINDS),
    ]
    if not is_member:
        del tabs[1]
    return tuple((name, str(words)) for name, words in tabs)


def _whole_or_list(request, template) -> str:
    return f"{template}#topics" if request.htmx else template
