"""What destroys something asks once: in a dialog, or without scripts on a page."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def asked_first(request: HttpRequest, question: str, back: str) -> HttpResponse | None:
    """The page that asks, until it is answered; then None. Whatever was sent is sent
    again with the answer, so a view asks before it changes anything."""
    if request.POST.get("sure") == "1":
        return None
    left_out = {"csrfmiddlewaretoken", "sure"}
    sent = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name not in left_out
    ]
    return ask(request, question, back, sent=sent)


def ask(
    request: HttpRequest, question: str, back: str, *, sent: Sequence[tuple[str, str]]
) -> HttpResponse:
    context = {"question": question, "back": back, "sent": sent}
    return render(request, "content/studio/sure.html", context)
