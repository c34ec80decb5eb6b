from django.urls import path

from incentives import views

app_name = "incentives"
urlpatterns = [path("points/", views.points, name="points")]
