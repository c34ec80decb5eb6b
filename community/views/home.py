from django.http import HttpResponse
from django.shortcuts import render


def home(request):
    return render(request, "community/front.html")


def healthz(request):
    return HttpResponse("ok\n", content_type="text/plain")
