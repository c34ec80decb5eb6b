from django.urls import path

from accounts.views import billing, earnings, me, membership, people

app_name = "accounts"
urlpatterns = [
    path("me/", me.me, name="me"),
    path("me/profile/", me.profile, name="profile"),
    path("me/privacy/", me.my_privacy, name="privacy"),
    path("me/privacy/consent/", me.consent_change, name="consent_change"),
    path("me/privacy/export/", me.export, name="export"),
    path("me/privacy/delete/", me.delete, name="delete"),
    path("me/orders/", billing.my_orders, name="orders"),
    path("me/membership/", membership.membership, name="membership"),
    path("me/membership/cancel/", membership.cancel, name="membership_cancel"),
    path("me/membership/stay/", membership.stay, name="membership_stay"),
    path("me/membership/renew/", membership.renew, name="membership_renew"),
    path("me/membership/pause/", membership.pause, name="membership_pause"),
    path("me/membership/resume/", membership.resume, name="membership_resume"),
    path(
        "me/membership/next/<str:slug>/",
        membership.change_later,
        name="membership_change",
    ),
    path("me/earnings/", earnings.earnings, name="earnings"),
    path("me/earnings.csv", earnings.earnings_csv, name="earnings_csv"),
    path("gift/", membership.gift_redeem, name="gift"),
    path("people/<str:handle>/", people.person, name="person"),
    path("policies/<slug:kind>/", people.policy, name="policy"),
    path("media/avatars/<str:name>", people.avatar, name="avatar"),
    path("plans/", billing.plans, name="plans"),
    path("checkout/<str:slug>/", billing.checkout, name="checkout"),
    path("checkout/<str:slug>/trial/", billing.trial_start, name="trial_start"),
    path("orders/<slug:number>/", billing.order, name="order"),
    path("orders/<slug:number>/pay/<int:pk>/", billing.payment, name="payment"),
    path("orders/<slug:number>/refund/", billing.refund_ask, name="refund_ask"),
    path("receipts/<slug:number>/", billing.receipt, name="receipt"),
    path("receipts/<slug:number>.pdf", billing.receipt_pdf, name="receipt_pdf"),
    path("payments/<slug:gateway>/notice/", billing.payment_notice, name="notice"),
    path("test-gateway/<slug:reference>/", billing.test_charge, name="test_charge"),
]
