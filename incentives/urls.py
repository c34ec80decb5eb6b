from django.urls import path

from incentives.views import bounties, parcels, points, redemptions, rewards

app_name = "incentives"
urlpatterns = [
    path("points/", points.points, name="points"),
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
    path("topics/<int:topic>/bounty/", bounties.bounty, name="bounty"),
    path(
        "topics/<int:topic>/bounty/add/", bounties.bounty_put_up, name="bounty_put_up"
    ),
]
