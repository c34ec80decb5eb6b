from django.urls import path

from incentives.views import (
    badges,
    bounties,
    campaigns,
    coupons,
    levels,
    parcels,
    points,
    rankings,
    redemptions,
    rewards,
    suspicions,
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
    path("points/campaigns/<int:pk>/", campaigns.campaign, name="campaign"),
    path("points/ways/", ways.ways, name="ways"),
    path("points/checks/<int:pk>/", suspicions.check, name="check"),
    path("points/checks/<int:pk>/state/", suspicions.check_state, name="check_state"),
    path(
        "points/checks/<int:pk>/appeal/",
        suspicions.check_appeal,
        name="check_appeal",
    ),
    path("shop/", rewards.shop, name="shop"),
    path("shop/<int:pk>/", rewards.reward, name="reward"),
    path("shop/orders/", redemptions.my_rewards, name="my_rewards"),
    path("shop/orders/<int:pk>/", redemptions.redemption, name="redemption"),
    path(
        "shop/orders/<int:pk>/cancel/",
        redemptions.redemption_cancel,
        name="redemption_cancel",
    ),
    path(
        "shop/orders/<int:pk>/arrived/",
        redemptions.redemption_arrived,
        name="redemption_arrived",
    ),
    path("shop/picking/", parcels.picking, name="picking"),
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
