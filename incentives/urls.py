from django.urls import path

from incentives.views import bounties, coupons, points

app_name = "incentives"
urlpatterns = [
    path("points/", points.points, name="points"),
    path("coupons/", coupons.coupons, name="coupons"),
    path("coupons/enter/", coupons.coupon_enter, name="coupon_enter"),
    path("coupons/<int:pk>/take/", coupons.coupon_take, name="coupon_take"),
    path("c/<str:code>/", coupons.coupon_link, name="coupon_link"),
    path("topics/<int:topic>/bounty/", bounties.bounty, name="bounty"),
    path(
        "topics/<int:topic>/bounty/add/", bounties.bounty_put_up, name="bounty_put_up"
    ),
]
