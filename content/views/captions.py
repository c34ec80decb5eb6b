"""Captions and chapters: for the player, and in the studio."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import active_member_required
from content import access
from content.forms.captions import CaptionsForm, ChaptersForm
from content.models import Lesson
from content.models.played import word_of
from content.services import captions as tracks
from content.views.asking import asked_first


@require_safe
def captions(request, pk):
    """To whom the recording is open, and to nobody else."""
    shown = access.get_captions_to_see(request.user, pk)
    return HttpResponse(shown.vtt, content_type="text/vtt; charset=utf-8")


@active_member_required
def captions_of(request, of, pk):
    played = access.get_played_to_write(request.user, of, pk)
    form = CaptionsForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        said = form.cleaned_data
        tracks.save_captions(
            played=played, language=said["language"], cues=said["cues"]
        )
        messages.success(request, _("Saved."))
        return redirect("content:captions_of", of, pk)
    context = _about(played) | {"form": form, "has": played.captions.all()}
    status = 422 if form.is_bound else 200
    return render(request, "content/studio/captions.html", context, status=status)


@active_member_required
@require_POST
def captions_remove(request, pk):
    shown = access.get_captions_to_write(request.user, pk)
    played = shown.played
    back = reverse("content:captions_of", args=[word_of(played), played.pk])
    if page := asked_first(request, _("Take out these captions?"), back):
        return page
    tracks.remove_captions(captions=shown)
    return redirect(back)


@active_member_required
def chapters_of(request, of, pk):
    played = access.get_played_to_write(request.user, of, pk)
    form = ChaptersForm(
        request.POST if request.method == "POST" else None,
        initial={"chapters": played.chapters},
    )
    if form.is_valid():
        tracks.save_chapters(played=played, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect(_back_from(played))
    context = _about(played) | {"form": form}
    status = 422 if form.is_bound else 200
    return render(request, "content/studio/chapters.html", context, status=status)


def _about(played):
    return {"played": played, "back_url": _back_from(played)}


def _back_from(played):
    if isinstance(played, Lesson):
        return reverse("content:lesson_settings", args=[played.pk])
    return reverse("content:item_manage", args=[played.item_id]) + "#files"
