"""The site's addresses and one more: the least a page can cost here."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def hello(request: HttpRequest) -> HttpResponse:
    return HttpResponse("Hello, world!")


urlpatterns = [path("hello/", hello), path("", include("community.urls"))]
