from django.urls import path

from accounts.views import billing, me, people

app_name = "accounts"
urlpatterns = [
    path("me/", me.me, name="me"),
    path("me/profile/", me.profile, name="profile"),
    path("me/privacy/", me.my_privacy, name="privacy"),
    path("me/privacy/consent/", me.consent_change, name="consent_change"),
    path("me/privacy/export/", me.export, name="export"),
    path("me/privacy/delete/", me.delete, name="delete"),
    path("me/orders/", billing.my_orders, name="orders"),
    path("people/<str:handle>/", people.person, name="person"),
    path("policies/<slug:kind>/", people.policy, name="policy"),
    path("media/avatars/<str:name>", people.avatar, name="avatar"),
    path("plans/", billing.plans, name="plans"),
    path("checkout/<str:slug>/", billing.checkout, name="checkout"),
    path("orders/<slug:number>/", billing.order, name="order"),
    path("payments/<slug:gateway>/notice/", billing.payment_notice, name="notice"),
    path("test-gateway/<slug:reference>/", billing.test_charge, name="test_charge"),
]
