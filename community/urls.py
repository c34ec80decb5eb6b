"""Every address of the site, app by app."""

from django.contrib import admin
from django.contrib.sitemaps.views import sitemap
from django.urls import include, path
from django.views.generic import RedirectView

from community import views

urlpatterns = [
    path("", views.home, name="home"),
    path("", include("content.urls")),  # first: where most requests go
    # Browsers ask for it beside pages of no language, such as a file or an error.
    path(
        "favicon.ico", RedirectView.as_view(url="/static/img/seal.svg"), name="favicon"
    ),
    path("brand/<str:version>.css", views.brand_stylesheet, name="brand_stylesheet"),
    path("brand/<str:version>.png", views.brand_picture, name="brand_picture"),
    path("media/brand/<str:name>", views.brand_logo, name="brand_logo"),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", sitemap, {"sitemaps": views.SITEMAPS}, name="sitemap"),
    path("healthz", views.healthz, name="healthz"),
    path("appearance/", views.appearance, name="appearance"),
    path("language/", views.language, name="language"),
    path("styleguide/", views.styleguide, name="styleguide"),
    path("readyz", views.readyz, name="readyz"),
    path("setup/", views.setup, name="setup"),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("", include("accounts.urls")),
    path("", include("incentives.urls")),
    path("", include("recommend.urls")),
]

handler400 = views.bad_request
handler403 = views.forbidden
handler404 = views.not_found
handler500 = views.server_error
