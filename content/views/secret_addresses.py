"""The page on which a member makes an address of their own, see the service."""

from django.shortcuts import render


def show_address(request, service, template):
    """Makes the address anew where that is asked; shown this once. `service` is of
    podcasts or of calendars."""
    token = service.make_address(member=request.user) if request.POST else None
    context = {
        "address": token and request.build_absolute_uri(service.address_of(token)),
        "has_one": service.has_address(request.user),
    }
    response = render(request, template, context)
    response["Cache-Control"] = "no-store"
    return response
