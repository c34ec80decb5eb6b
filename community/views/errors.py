"""Pages for what went wrong: what happened, what was kept, what to do."""

from django.shortcuts import render

# What nobody needs back, or must not see on a screen.
NOT_KEPT = ("csrfmiddlewaretoken", "password", "form_key")
WORTH_KEEPING = 40


def bad_request(request, exception):
    return render(request, "400.html", status=400)


def forbidden(request, exception):
    return render(request, "403.html", {"reason": _said(exception)}, status=403)


def not_found(request, exception):
    return render(request, "404.html", status=404)


def csrf_failure(request, reason=""):
    """The form had grown too old: give back what was written in it."""
    texts = [
        value
        for name, value in request.POST.items()
        if len(value) >= WORTH_KEEPING and not name.startswith(NOT_KEPT)
    ]
    return render(request, "403_csrf.html", {"texts": texts}, status=403)


def _said(exception):
    """The sentence a view raised for people to read, if it did."""
    return str(exception.args[0]) if exception.args else ""
