"""Learning paths: all of them, and one with the reader's place on it."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from content import access
from content.services import paths as ways
from content.services.structured import path_facts


@require_safe
def paths(request):
    context = {"paths": access.get_paths_to_read(request.user)}
    return render(request, "content/paths/list.html", context)


@require_safe
def path(request, slug):
    shown = access.get_path_to_read(request.user, slug)
    way = ways.way_of(shown, request.user)
    context = {"way": way, "structured": path_facts(way)}
    return render(request, "content/paths/detail.html", context)
