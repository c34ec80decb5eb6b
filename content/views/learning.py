"""What learners have beside the lessons: notes, certificates, all their courses."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import active_member_required
from content import access
from content.forms.learning import CertificateForm, NoteForm, NumberForm
from content.papers import as_pdf
from content.services import certificates, due_dates, learning, notes


@active_member_required
@require_safe
def my_learning(request):
    """Courses begun and finished, and what came of them."""
    cohorts = due_dates.cohorts_of(request.user)
    context = {
        "cohorts": cohorts,
        "due": due_dates.open_for(request.user, cohorts),
        "courses": learning.courses_of(request.user),
        "paths": access.get_paths_to_read(request.user)[:6],
        "certificates": access.get_certificates_of(request.user),
    }
    return render(request, "content/learning/mine.html", context)


@active_member_required
@require_POST
def lesson_note(request, pk):
    shown = access.get_lesson_to_learn(request.user, pk)
    form = NoteForm(request.POST)
    if not form.is_valid():
        context = {"lesson": shown, "form": form}
        return render(request, "content/learning/note.html", context, status=422)
    notes.save_note(member=request.user, lesson=shown, **form.cleaned_data)
    if request.htmx:
        return HttpResponse(_("Saved"))
    return redirect(f"{shown.get_absolute_url()}#note")


@active_member_required
@require_safe
def course_notes(request, slug):
    """One's own notes: to be read for as long as the course is there to be seen."""
    shown = access.get_item_to_read(request.user, slug)
    context = {"course": shown, "notes": notes.notes_on(shown, request.user)}
    return render(request, "content/learning/notes.html", context)


@active_member_required
def course_certificate(request, slug):
    """The certificate of who finished; made when it is first asked for."""
    course = access.get_course_to_certify(request.user, slug)
    if given := certificates.certificate_of(request.user, course):
        return redirect(given)
    form = CertificateForm(
        request.POST or None, initial={"name": certificates.name_of(request.user)}
    )
    if form.is_valid():
        member = request.user
        return redirect(
            certificates.issue(member=member, course=course, **form.cleaned_data)
        )
    context = {"course": course, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "content/learning/certify.html", context, status=status)


@require_safe
def certificate_find(request):
    """By the number that stands on the paper."""
    form = NumberForm(request.GET or None)
    if form.is_valid():
        return redirect(form.cleaned_data["number"])
    status = 422 if form.is_bound else 200
    context = {"form": form}
    return render(request, "content/learning/find.html", context, status=status)


@require_safe
def certificate(request, code):
    """Whether a certificate is true, for whoever was shown it."""
    found = access.get_certificate_to_check(code)
    context = {
        "certificate": found,
        "may_print": access.may_print(request.user, found),
        "may_know_why": access.may_know_why(request.user, found),
    }
    return render(request, "content/learning/certificate.html", context)


@active_member_required
@require_safe
def certificate_pdf(request, code):
    found = access.get_certificate_to_print(request.user, code)
    response = HttpResponse(as_pdf(found), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{found.code}.pdf"'
    return response
