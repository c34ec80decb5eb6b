"""Captions: for the player, and in the studio."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import active_member_required
from content import access
from content.forms.captions import CaptionsForm
from content.services import captions as tracks
from content.views.asking import asked_first


@require_safe
def captions(request, pk):
    """To whom the lesson is open, and to nobody else."""
    shown = access.get_captions_to_see(request.user, pk)
    return HttpResponse(shown.vtt, content_type="text/vtt; charset=utf-8")


@active_member_required
def lesson_captions(request, pk):
    lesson = access.get_original_to_write(request.user, pk)
    form = CaptionsForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        said = form.cleaned_data
        tracks.save_captions(
            lesson=lesson, language=said["language"], cues=said["cues"]
        )
        messages.success(request, _("Saved."))
        return redirect("content:lesson_captions", pk)
    context = {"form": form, "lesson": lesson, "item": lesson.section.item}
    context["has"] = lesson.captions.all()
    status = 422 if form.is_bound else 200
    return render(request, "content/studio/captions.html", context, status=status)


@active_member_required
@require_POST
def captions_remove(request, pk):
    shown = access.get_captions_to_write(request.user, pk)
    back = reverse("content:lesson_captions", args=[shown.lesson_id])
    if page := asked_first(request, _("Take out these captions?"), back):
        return page
    tracks.remove_captions(captions=shown)
    return redirect(back)
