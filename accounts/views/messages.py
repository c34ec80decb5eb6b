"""Messages between members, blocks and reports."""

from django.contrib import messages as notices
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from accounts import access
from accounts.decorators import active_member_required, member_required
from accounts.errors import NotTaken, TooManyMessages, WaitForAnswer
from accounts.forms.messages import MessageForm, ReportForm
from accounts.services import blocks as blocking
from accounts.services import messages
from community.lib.asking import asked_first
from community.lib.text import small_number

PEOPLE_PER_PAGE = 50


@member_required
@require_safe
def inbox(request):
    after = small_number(request.GET.get("after", ""))
    seats, more = messages.inbox(request.user, after)
    context = {"seats": seats, "next": more and seats[-1].pk}
    return render(request, "accounts/messages/inbox.html", context)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def conversation(request, pk):
    if request.method == "POST":
        return _answer(request, pk)
    seat = access.get_own_seat(request.user, pk)
    return _show(request, seat, MessageForm(to=seat.other))


@active_member_required
def _answer(request, pk):
    seat = access.get_own_seat(request.user, pk)
    form = MessageForm(request.POST, to=seat.other)
    if _sent(form, request.user, seat.other):
        return redirect(f"{seat.conversation.get_absolute_url()}#write")
    return _show(request, seat, form)


def _show(request, seat, form):
    before = small_number(request.GET.get("before", ""))
    found, more = messages.messages_in(seat, before=before)
    first_new = seat.read_to + 1
    if found and not before:
        _mark_read(request.user, seat, found)
    context = {
        "seat": seat,
        "other": seat.other,
        "messages_shown": found,
        "first_new": first_new,
        "earlier": found[0].number if more else None,
        "is_latest": before is None,
        "form": form,
        "may_write": messages.may_write(request.user, seat.other),
        "is_blocked": blocking.has_blocked(request.user, seat.other),
    }
    status = 422 if form.is_bound else 200
    template = "accounts/messages/conversation.html"
    return render(request, template, context, status=status)


def _mark_read(member, seat, found):
    if found[-1].number > seat.read_to:
        messages.mark_read(
            member=member, conversation=seat.conversation, number=found[-1].number
        )
        member.refresh_from_db(fields=["unread_messages"])  # the header tells it


def _sent(form, sender, to):
    """The message, or None when the form must be shown again."""
    if not form.is_valid():
        return None
    try:
        return messages.send(sender=sender, to=to, **form.cleaned_data)
    except NotTaken:
        form.add_error(None, _("They do not take messages from you at the moment."))
    except WaitForAnswer:
        form.add_error(None, _("Please wait until they have answered."))
    except TooManyMessages:
        form.add_error(None, _("That is a lot at once. Please go on later."))
    return None


@member_required
@require_safe
def conversation_news(request, pk):
    """What has come since, for a page that is open; 204 when nothing has."""
    seat = access.get_own_seat(request.user, pk)
    after = small_number(request.GET.get("after", "")) or 0
    if after >= seat.conversation.last_number:
        return HttpResponse(status=204)
    found, _more = messages.messages_in(seat, after=after)
    if not found:
        return HttpResponse(status=204)
    _mark_read(request.user, seat, found)
    context = {"seat": seat, "messages_shown": found, "is_latest": True}
    return render(request, "accounts/messages/_messages.html", context)


@active_member_required
@require_http_methods(["GET", "HEAD", "POST"])
def person_write(request, handle):
    """The first message to somebody; with whom one writes already, one goes on."""
    person = access.get_person_to_write(request.user, handle)
    begun = messages.between(request.user, person)
    if begun and request.method != "POST":
        return redirect(f"{begun.get_absolute_url()}#write")
    form = MessageForm(request.POST or None, to=person)
    if message := _sent(form, request.user, person):
        return redirect(message.conversation)
    context = {"form": form, "person": person}
    status = 422 if form.is_bound else 200
    return render(request, "accounts/messages/write.html", context, status=status)


@active_member_required
@require_POST
def conversation_clear(request, pk):
    seat = access.get_own_seat(request.user, pk)
    question = _("Throw this conversation away? The other keeps theirs.")
    if page := asked_first(request, question, seat.conversation.get_absolute_url()):
        return page
    messages.clear(member=request.user, conversation=seat.conversation)
    return redirect("accounts:messages")


@active_member_required
def message_report(request, pk, number):
    message = access.get_message_to_report(request.user, pk, number)
    form = ReportForm(request.POST or None)
    if form.is_valid():
        messages.report(
            message=message, reporter=request.user, words=form.cleaned_data["words"]
        )
        notices.success(request, _("Thank you. The operators look at it."))
        return redirect(message.conversation)
    context = {"form": form, "message": message}
    status = 422 if form.is_bound else 200
    return render(request, "accounts/messages/report.html", context, status=status)


@active_member_required
@require_POST
def person_block(request, handle):
    """Block or unblock: the button says which. The other is not told."""
    person = access.get_person_to_block(request.user, handle)
    if request.POST.get("block") == "no":
        blocking.unblock(blocker=request.user, blocked=person)
        notices.success(request, _("They may write to you again."))
    else:
        blocking.block(blocker=request.user, blocked=person)
        notices.success(request, _("Nothing of theirs reaches you any more."))
    return redirect("accounts:blocks")


@login_required
@require_safe
def blocks(request):
    people = blocking.blocked_people(request.user)
    page = Paginator(people, PEOPLE_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "accounts/messages/blocks.html", {"page": page})
