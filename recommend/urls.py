from django.urls import path

from recommend import views

app_name = "recommend"
urlpatterns = [
    path(
        "recommend/<int:pk>/not-interested/",
        views.not_interested,
        name="not_interested",
    ),
]
