from django.urls import path

from incentives import views

app_name = "incentives"
urlpatterns = [
    path("points/", views.points, name="points"),
    path("topics/<int:topic>/bounty/", views.bounty, name="bounty"),
    path("topics/<int:topic>/bounty/add/", views.bounty_put_up, name="bounty_put_up"),
]
