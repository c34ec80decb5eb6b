from django.http import HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from community import health


@require_safe
def healthz(request):
    """Alive: this process answers. Asks nobody else."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request):
    """Ready: everything the site needs is there; else 503 and what is missing."""
    missing = health.missing()
    return JsonResponse(
        {"ready": not missing, "missing": missing}, status=503 if missing else 200
    )
