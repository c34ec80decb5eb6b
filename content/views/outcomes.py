"""After an event: what its host leaves there, and what those who came say of it."""

from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.decorators import active_member_required
from accounts.errors import Muted
from content import access
from content.errors import (
    DiscussedAlready,
    NotThere,
    NotYetOver,
    OwnWork,
    TooManyDrafts,
    TooManyPosts,
)
from content.forms.outcomes import (
    DiscussionForm,
    EventRatingForm,
    LookedForm,
    NotesForm,
    RecordingForm,
)
from content.services import event_ratings, outcomes


@active_member_required
def event_after(request, pk):
    event = access.get_event_to_lead(request.user, pk)
    outcome = outcomes.of(event)
    form = NotesForm(
        request.POST or None, event=event, notes=outcome.notes if outcome else ""
    )
    if form.is_valid():
        try:
            outcomes.save_notes(event=event, by=request.user, **form.cleaned_data)
        except NotYetOver:
            form.add_error(None, _("It has not begun yet."))
        else:
            messages.success(request, _("Saved."))
            return redirect("content:event_after", pk)
    return _show_after(request, event, outcome, form)


def _show_after(request, event, outcome, form, looked=None):
    recordings = access.get_recordings_to_link(request.user)
    context = {
        "event": event,
        "outcome": outcome,
        "standing": outcome and outcomes.standing_of(outcome),
        "ratings": event_ratings.in_words(event),
        "form": form,
        "recording_form": RecordingForm(
            recordings=recordings, chosen=outcome and outcome.recording_id
        ),
        "may_look_into": access.is_operator(request.user),
        "looked_form": looked or LookedForm(),
    }
    bound = form.is_bound or looked is not None
    page = "content/outcomes/after.html"
    return render(request, page, context, status=422 if bound else 200)


@active_member_required
@require_POST
def event_recording(request, pk):
    """Begins one in the library, or links one that is there; nothing: takes it off."""
    event = access.get_event_to_lead(request.user, pk)
    try:
        if "new" in request.POST:
            item = outcomes.begin_recording(event=event, by=request.user)
            return redirect("content:item_manage", item.pk)
        recordings = access.get_recordings_to_link(request.user)
        form = RecordingForm(request.POST, recordings=recordings)
        if form.is_valid():
            item = form.cleaned_data["recording"]
            outcomes.link_recording(event=event, item=item)
            messages.success(request, _("Saved."))
    except NotYetOver:
        messages.error(request, _("It has not begun yet."))
    except TooManyDrafts:
        messages.error(
            request, _("You have very many drafts: finish or throw away some first.")
        )
    return redirect("content:event_after", pk)


@active_member_required
def event_discussion(request, pk):
    event = access.get_event_to_lead(request.user, pk)
    form = DiscussionForm(
        request.POST or None,
        event=event,
        spaces=access.get_spaces_to_write_in(request.user),
        initial={"title": event.title, "body": _first_post(event)},
    )
    if form.is_valid():
        try:
            topic = outcomes.open_discussion(
                event=event, by=request.user, **form.cleaned_data
            )
        except NotYetOver:
            form.add_error(None, _("Publish the event first."))
        except DiscussedAlready:
            form.add_error(None, _("There is a discussion of it already."))
        except Muted:
            form.add_error(None, _("You cannot write at present."))
        except TooManyPosts:
            form.add_error(None, _("Too many posts in a short time."))
        else:
            return redirect(topic)
    context = {"event": event, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "content/outcomes/discussion.html", context, status=status)


def _first_post(event):
    address = settings.SITE_URL + event.get_absolute_url()
    return "\n\n".join(it for it in (event.summary, address) if it)


@active_member_required
@require_POST
def event_looked(request, pk):
    event = access.get_event_to_look_into(request.user, pk)
    form = LookedForm(request.POST)
    if form.is_valid():
        words = form.cleaned_data["words"]
        outcomes.look_into(event=event, by=request.user, words=words)
        messages.success(request, _("Saved."))
        return redirect("content:event_after", pk)
    outcome = outcomes.of(event)
    notes = NotesForm(event=event, notes=outcome.notes if outcome else "")
    return _show_after(request, event, outcome, notes, looked=form)


@active_member_required
def event_rate(request, pk):
    event = access.get_event_to_come_to(request.user, pk)
    own = event_ratings.own_of(event, request.user)
    if request.method == "POST" and "withdraw" in request.POST:
        event_ratings.withdraw(event=event, member=request.user)
        return redirect(event)
    form = EventRatingForm(
        request.POST or None,
        initial={"stars": own.stars, "words": own.words} if own else None,
    )
    if form.is_valid():
        try:
            event_ratings.rate(event=event, member=request.user, **form.cleaned_data)
        except NotYetOver:
            form.add_error(None, _("It is not over yet."))
        except (NotThere, OwnWork):
            form.add_error(None, _("Only who came and did not lead it."))
        else:
            messages.success(request, _("Thank you. Your stars are counted."))
            return redirect(event)
    context = {
        "event": event,
        "form": form,
        "own": own,
        "may_rate": event_ratings.may_rate(request.user, event),
    }
    status = 422 if form.is_bound else 200
    return render(request, "content/outcomes/rate.html", context, status=status)
