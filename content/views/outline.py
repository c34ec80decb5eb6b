"""The outline of a course: adding, naming, ordering, taking out."""

from functools import partial

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.decorators import active_member_required
from content import access
from content.errors import LessonInUse
from content.forms.writing import (
    LessonSettingsForm,
    LessonsToTakeForm,
    PaceForm,
    SharedLessonForm,
    TitleForm,
)
from content.models import Item
from content.services import pace, reuse, writing
from content.views.asking import asked_first
from content.views.uploads import took_file

MOVES = {"up": -1, "down": 1}


def _back_to(item_id, anchor="outline"):
    return redirect(f"/studio/items/{item_id}/#{anchor}")


def _address(section):
    return f"/studio/items/{section.item_id}/#section-{section.pk}"


@active_member_required
@require_POST
def section_add(request, pk):
    course = access.get_item_to_write(request.user, pk)
    form = TitleForm(request.POST)
    if course.kind == Item.Kind.COURSE and form.is_valid():
        section = writing.add_section(course=course, **form.cleaned_data)
        return _back_to(pk, f"section-{section.pk}")
    messages.error(request, _("A section needs a title of 160 characters at most."))
    return _back_to(pk)


@active_member_required
@require_POST
def section_change(request, pk):
    section = access.get_section_to_write(request.user, pk)
    do = request.POST.get("do")
    if do in MOVES:
        writing.move_section(section=section, by=MOVES[do])
    elif do == "remove":
        question = _with_lessons(section.lessons.count())
        if page := asked_first(request, question, _address(section)):
            return page
        _unless_in_use(request, writing.remove_section, section=section)
    elif do == "rename":
        _rename(request, section)
    return _back_to(section.item_id, f"section-{pk}")


def _with_lessons(number):
    return ngettext(
        "Take out this section with its %(number)s lesson?",
        "Take out this section with its %(number)s lessons?",
        number,
    ) % {"number": number}


def _rename(request, section):
    form = TitleForm(request.POST)
    if form.is_valid():
        writing.rename_section(section=section, **form.cleaned_data)
    else:
        messages.error(request, _("A section needs a title of 160 characters at most."))


@active_member_required
@require_POST
def lesson_add(request, pk):
    section = access.get_section_to_write(request.user, pk)
    form = TitleForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("A lesson needs a title of 160 characters at most."))
        return _back_to(section.item_id, f"section-{pk}")
    lesson = writing.add_lesson(section=section, **form.cleaned_data)
    return redirect("content:compose", "lessons", lesson.pk)


@active_member_required
def lessons_take(request, pk):
    """Lessons of other courses, to be learnt in this one, too."""
    section = access.get_section_to_write(request.user, pk)
    lessons = access.get_lessons_to_take(request.user, section.item)
    form = LessonsToTakeForm(request.POST or None, lessons=lessons)
    if form.is_valid():
        reuse.take(section=section, lessons=form.cleaned_data["lessons"])
        return _back_to(section.item_id, f"section-{pk}")
    context = {"form": form, "section": section, "item": section.item}
    status = 422 if form.is_bound else 200
    return render(request, "content/studio/take.html", context, status=status)


@active_member_required
@require_POST
def lesson_change(request, pk):
    lesson = access.get_lesson_to_write(request.user, pk)
    do = request.POST.get("do")
    if do in MOVES:
        writing.move_lesson(lesson=lesson, by=MOVES[do])
    elif do == "remove":
        question = _("Take out this lesson?")
        if page := asked_first(request, question, _address(lesson.section)):
            return page
        _unless_in_use(request, writing.remove_lesson, lesson=lesson)
    return _back_to(lesson.section.item_id, f"section-{lesson.section_id}")


@active_member_required
def section_pace(request, pk):
    """When the section opens."""
    section = access.get_section_to_write(request.user, pk)
    form = PaceForm(request.POST or None, instance=section)
    if form.is_valid():
        pace.set_pace(section=section, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return _back_to(section.item_id, f"section-{pk}")
    context = {"form": form, "section": section, "item": section.item}
    status = 422 if form.is_bound else 200
    return render(request, "content/studio/pace.html", context, status=status)


def _unless_in_use(request, service, **what):
    try:
        service(**what)
    except LessonInUse:
        messages.error(
            request,
            _("Members have learnt from it, or another course uses it: it stays."),
        )


@active_member_required
def lesson_settings(request, pk):
    lesson = access.get_lesson_to_write(request.user, pk)
    on_the_way = access.get_uploads_for(request.user, lesson)
    form = _settings_form(request, lesson, on_the_way)
    save = partial(writing.save_lesson_settings, lesson=lesson)
    if form.is_valid() and took_file(form, "media", save):
        messages.success(request, _("Saved."))
        return _back_to(lesson.section.item_id, f"section-{lesson.section_id}")
    context = {
        "form": form,
        "lesson": lesson,
        "item": lesson.section.item,
        "on_the_way": on_the_way,
    }
    status = 422 if form.is_bound else 200
    return render(request, "content/studio/lesson.html", context, status=status)


def _settings_form(request, lesson, on_the_way):
    posted = request.POST or None, request.FILES or None
    if lesson.shared_from:
        return SharedLessonForm(*posted, instance=lesson)
    return LessonSettingsForm(*posted, instance=lesson, on_the_way=on_the_way)
