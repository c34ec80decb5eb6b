from django.urls import path

from incentives.views import (
    badges,
    bounties,
    coupons,
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
    path("coupons/", coupons.coupons, name="coupons"),
    path("coupons/enter/", coupons.coupon_enter, name="coupon_enter"),
    path("coupons/<int:pk>/take/", coupons.coupon_take, name="coupon_take"),
    path("c/<str:code>/", coupons.coupon_link, name="coupon_link"),
    path("topics/<int:topic>/bounty/", bounties.bounty, name="bounty"),
    path(
        "topics/<int:topic>/bounty/add/",
        bounties.bounty_put_up,
        name="bounty_put_up",
    ),
]
