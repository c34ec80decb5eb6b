from http import HTTPStatus

from django.conf import settings
from django.contrib import messages
from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import active_member_required, visitors_sign_in
from accounts.models import MEMBERSHIP, User
from accounts.services import community, entitlements
from accounts.services.visits import note_visit
from community.lib.files import send_file, send_public
from content import access
from content.errors import NotPassed
from content.models import Item
from content.services import (
    bookmarks,
    certificates,
    cohorts,
    courses,
    items,
    paths,
    playing,
    polls,
    prerequisites,
    quality,
    quizzes,
    sharing,
)
from content.services import library as shelves
from content.services.media import thing_of
from content.services.structured import course_facts, item_facts
from content.views.polls import shown_poll

ITEMS_PER_PAGE = 24


@require_safe
def library(request):
    asked = shelves.Asked.of(request.GET)
    listed = access.get_items_to_list(request.user)
    found = shelves.with_counts(shelves.filtered(listed, request.user, asked))
    page = Paginator(found, ITEMS_PER_PAGE).get_page(request.GET.get("page"))
    is_news = asked.kind == Item.Kind.NEWS
    context = {
        "asked": asked,
        "page": page,
        "entries": shelves.entries(list(page.object_list), request.user),
        "tags": shelves.hot_tags() if is_news else shelves.common_tags(),
        "tag": shelves.tag_asked(asked, request.user),
        "kinds": [kind for kind in Item.Kind if kind != Item.Kind.MATERIAL],
        "fields": shelves.fields_in_use(),
        "formats": Item.Format,
        "difficulties": User.Experience,
        "languages": settings.LANGUAGES,
    }
    return render(request, "content/library/list.html", context)


@require_safe
@visitors_sign_in
def item(request, slug):
    """Anything that is no course: its text, or its preview and the ways in."""
    shown = access.get_item_to_read(request.user, slug)
    if shown.kind == Item.Kind.COURSE:
        return redirect(shown)
    if shown.kind == Item.Kind.MATERIAL:
        return render(request, "content/library/material.html", {"item": shown})
    _note(request.user, shown, shown.space_id)
    return render(request, "content/library/item.html", _about_item(request, shown))


def _about_item(request, shown):
    is_open = shelves.is_open(shown, request.user)
    offers = [] if is_open else shelves.ways_in(shown)
    return _files(request, shown, is_open) | {
        "item": shown,
        "is_open": is_open,
        "offers": offers,
        "lapsed_at": None if is_open else _lapsed_at(request.user, shown),
        "articles": access.get_articles_of(request.user, shown),
        "co_authors": items.co_authors_of(shown),
        "is_read": items.has_read(request.user, shown),
        "is_kept": bookmarks.has_kept(request.user, shown),
        "standing": quality.standing_of(shown),
        "shown": sharing.shown(shown),
        "structured": item_facts(shown, offers, community.current()),
    }


def _files(request, shown, is_open):
    if not is_open:
        return {"players": [], "attached": []}
    keeps = access.keeps_place(request.user, shown)
    return {
        "players": playing.players_of(shown, request.user, keeps=keeps),
        "attached": items.attached_to(shown, request.user),
    }


@active_member_required
@require_POST
def item_read(request, slug):
    """The member says to have read it."""
    shown = access.get_item_to_use(request.user, slug)
    items.mark_read(member=request.user, item=shown)
    return redirect(shown)


@require_safe
@visitors_sign_in
def course(request, slug):
    shown = access.get_item_to_read(request.user, slug)
    if shown.kind != Item.Kind.COURSE:
        return redirect(shown)
    _note(request.user, shown, shown.space_id)
    about = _learning(request, shown)
    about |= _files(request, shown, about["is_open"])
    about |= _getting_in(request, shown, about) | {
        "co_authors": items.co_authors_of(shown),
        "is_kept": bookmarks.has_kept(request.user, shown),
        "standing": quality.standing_of(shown),
        "shown": sharing.shown(shown),
        "tests": _tests(request, shown, about),
        "cohorts": cohorts.choices_of(shown, request.user),
        "may_have_certificate": certificates.may_have_one(request.user, shown),
    }
    if about["syllabus"].is_done:
        about["next_in_path"] = paths.next_after(shown, request.user)
    about["structured"] = course_facts(
        shown, about["offers"], community.current(), about["syllabus"].minutes
    )
    return render(request, "content/library/course.html", about)


def _tests(request, shown, about):
    if not (request.user.is_authenticated and about["is_open"]):
        return []
    syllabus = about["syllabus"]
    return quizzes.tests_of(shown, request.user, syllabus.done, syllabus.total)


def _learning(request, shown):
    syllabus = courses.syllabus_for(shown, request.user)
    return {
        "course": shown,
        "syllabus": syllabus,
        "is_open": shelves.is_open(shown, request.user),
        "keeps": request.user.is_authenticated
        and access.keeps_progress(request.user, shown, syllabus),
    }


def _getting_in(request, shown, about):
    """What is to be bought, or to be finished first."""
    is_open = about["is_open"]
    return {
        "needed": prerequisites.named(about["syllabus"].needs),
        "offers": [] if is_open else shelves.ways_in(shown),
        "lapsed_at": None if is_open else _lapsed_at(request.user, shown),
    }


def _lapsed_at(reader, shown):
    """When the membership that would open it ended, to say so rather than "buy"."""
    if not reader.is_authenticated or MEMBERSHIP not in shown.opened_by:
        return None
    return entitlements.membership_ends(reader)


@active_member_required
@require_POST
def course_enrol(request, slug):
    shown = access.get_course_to_enrol(request.user, slug)
    courses.enrol(member=request.user, course=shown)
    step = courses.syllabus_for(shown, request.user).next_step
    return redirect(step.url if step else shown.get_absolute_url())


@require_safe
@visitors_sign_in
def lesson(request, pk):
    """The lesson; or, where it is not open, what it is and the ways in."""
    shown = access.get_lesson_to_see(request.user, pk)
    about = _learning(request, shown.section.item) | {"lesson": shown}
    syllabus = about["syllabus"]
    about["step"] = syllabus.step(shown.pk)
    is_open = about["is_open"] or shown.is_preview
    if not (is_open and access.may_learn_now(request.user, shown, syllabus)):
        about |= _getting_in(request, shown.section.item, about)
        return render(request, "content/library/locked.html", about, status=403)
    _note(request.user, shown, shown.section.item.space_id)
    before, after = syllabus.around(shown.pk)
    has_files = about["is_open"] and shown.beside.course_has_files
    about |= {
        "before": before,
        "after": after,
        "players": _player(request, about) if shown.media else [],
        "attached": items.attached_to(shown.section.item, request.user)
        if has_files
        else [],
        "shown": sharing.shown(shown),
    }
    if shown.beside.has_poll:
        facts = polls.read_poll(viewer=request.user, lesson=shown.pk)
        about |= shown_poll(request, facts, votes=about["keeps"])
    return render(request, "content/library/lesson.html", about)


def _player(request, about):
    """As a list: a page shows any number of them."""
    position, keeps = about["step"].seconds, about["keeps"]
    lesson = about["lesson"]
    return [playing.player_of(lesson, request.user, position=position, keeps=keeps)]


@active_member_required
@require_POST
def lesson_done(request, pk):
    shown = access.get_lesson_to_learn(request.user, pk)
    try:
        is_finished = courses.mark_done(member=request.user, lesson=shown)
    except NotPassed:
        messages.error(request, _("It is done when you have passed its quiz."))
        return redirect(shown)
    course = shown.section.item
    if is_finished:
        messages.success(request, _("You have finished this course."))
        return redirect(course)
    _before, after = courses.syllabus_for(course, request.user).around(shown.pk)
    goes_on = after and not after.lock
    return redirect(after.url if goes_on else course.get_absolute_url())


@require_safe
@cache_control(public=True, max_age=365 * 24 * 3600, immutable=True)
def cover(request, name):
    """An item's cover. Its name is random and changes with every upload."""
    return send_public(request, "covers", name)


@require_safe
def lesson_media(request, token):
    """The file behind a signed link, if it is still open to whom it was given."""
    named = thing_of(token, request.user)
    if named is None:
        return render(request, "content/library/link_expired.html", status=403)
    path = access.get_media_to_send(request.user, *named)
    if not default_storage.exists(path):
        raise Http404
    response = send_file(request, path)
    # A bucket's address ends before long, so it must not be remembered.
    is_elsewhere = response.status_code == HTTPStatus.FOUND
    kept = "no-store" if is_elsewhere else "private, max-age=3600"
    response["Cache-Control"] = kept
    return response


def _note(reader, target, space_id):
    if reader.is_authenticated:
        note_visit(reader, target, space_id)
