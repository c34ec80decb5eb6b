from django.urls import path

from incentives.views import bounties, campaigns, points, ways

app_name = "incentives"
urlpatterns = [
    path("points/", points.points, name="points"),
    path("points/campaigns/<int:pk>/", campaigns.campaign, name="campaign"),
    path("points/ways/", ways.ways, name="ways"),
    path("topics/<int:topic>/bounty/", bounties.bounty, name="bounty"),
    path(
        "topics/<int:topic>/bounty/add/", bounties.bounty_put_up, name="bounty_put_up"
    ),
]
