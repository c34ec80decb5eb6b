from django.urls import path

from incentives.views import (
    badges,
    bounties,
    levels,
    points,
    rankings,
    ways,
)

app_name = "incentives"
urlpatterns = [
    path("points/", points.points, name="points"),
    path("points/levels/", levels.ladder, name="levels"),
    path("points/badges/", badges.shelf, name="badges"),
    path("points/ranking/", rankings.ranking, name="ranking"),
    path("points/ranking/leave/", rankings.ranking_leave, name="ranking_leave"),
    path(
        "points/ranking/come-back/",
        rankings.ranking_come_back,
        name="ranking_come_back",
    ),
    path("points/ways/", ways.ways, name="ways"),
    path("topics/<int:topic>/bounty/", bounties.bounty, name="bounty"),
    path(
        "topics/<int:topic>/bounty/add/",
        bounties.bounty_put_up,
        name="bounty_put_up",
    ),
]
