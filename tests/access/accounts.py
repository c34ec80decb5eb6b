from accounts.services.news_choices import stop_link
from tests.access.rows import (
    BAD,
    GO,
    MISSING,
    NO,
    OK,
    SIGN_IN,
    Row,
    everybody,
    signed_in,
    writing,
)

ROWS = {
    "accounts:me": [signed_in("/me/", GO)],
    "accounts:profile": [writing("/me/profile/", OK, method="get")],
    "accounts:security": [signed_in("/me/security/")],
    # It asks for the password again first.
    "accounts:facts": [signed_in("/me/facts/", GO)],
    "accounts:privacy": [signed_in("/me/privacy/")],
    "accounts:consent_change": [
        Row(lambda _: "/me/privacy/consent/", GO, {"visitor": SIGN_IN}, "post")
    ],
    # Both ask for the password again first.
    "accounts:export": [signed_in("/me/privacy/export/", GO)],
    "accounts:export_file": [signed_in("/me/privacy/export/my-data.zip", GO)],
    "accounts:delete_cancel": [
        Row(lambda _: "/me/privacy/delete/cancel/", GO, {"visitor": SIGN_IN}, "post")
    ],
    "accounts:agree": [signed_in("/me/agree/")],
    "accounts:delete": [signed_in("/me/privacy/delete/", GO)],
    "accounts:notifications": [
        signed_in("/notifications/"),
        signed_in("/notifications/?before=999999", MISSING),
    ],
    "accounts:notification_open": [
        signed_in(lambda w: f"/notifications/{w.news.pk}/", MISSING, member=GO),
    ],
    "accounts:notifications_read": [
        Row(lambda _: "/notifications/read/", GO, {"visitor": SIGN_IN}, "post")
    ],
    "accounts:news_choices": [writing("/me/notifications/", OK, method="get")],
    "accounts:address_trust": [writing("/me/notifications/address/")],
    "accounts:news_stop": [
        everybody(lambda w: stop_link(w.people["member"], "to_me").split("server")[1]),
        everybody("/news/stop/made-up/", MISSING),
    ],
    "accounts:own_limits": [writing("/points/limits/", OK, method="get")],
    "accounts:rest": [writing("/points/limits/rest/", data={"days": "7"})],
    "accounts:rest_end": [writing("/points/limits/rest/end/")],
    "accounts:orders": [signed_in("/me/orders/")],
    "accounts:person": [
        signed_in(lambda w: w.author.get_absolute_url()),
        everybody(lambda w: w.people["mentor"].get_absolute_url()),
        signed_in("/people/nobody/", MISSING),
    ],
    "accounts:sanctions": [signed_in("/me/sanctions/")],
    "accounts:sanction_appeal": [
        signed_in("/me/sanctions/999999/appeal/", MISSING),
        signed_in(
            lambda w: f"/me/sanctions/{w.sanction.pk}/appeal/", MISSING, suspended=OK
        ),
    ],
    "accounts:people": [signed_in("/people/")],
    "accounts:following": [signed_in("/me/following/")],
    "accounts:subject_unfollow": [
        writing("/me/following/subjects/999999/stop/", MISSING),
    ],
    "accounts:person_follow": [
        writing(lambda w: f"{w.author.get_absolute_url()}follow/"),
        writing("/people/nobody/follow/", MISSING),
    ],
    "accounts:messages": [signed_in("/me/messages/")],
    "accounts:conversation": [
        signed_in(lambda w: w.conversation.get_absolute_url(), MISSING, member=OK),
        writing(lambda w: w.conversation.get_absolute_url(), MISSING, member=BAD),
    ],
    "accounts:conversation_news": [
        signed_in(
            lambda w: f"{w.conversation.get_absolute_url()}news/", MISSING, member=OK
        )
    ],
    "accounts:conversation_clear": [
        writing(
            lambda w: f"{w.conversation.get_absolute_url()}clear/",
            MISSING,
            data={"sure": "1"},
            member=GO,
        )
    ],
    "accounts:message_report": [
        writing(
            lambda w: f"{w.conversation.get_absolute_url()}report/1/",
            MISSING,
            method="get",
            member=OK,
        )
    ],
    "accounts:person_write": [
        writing(
            lambda w: f"{w.author.get_absolute_url()}write/",
            OK,
            method="get",
            member=GO,
        ),
        writing(
            lambda w: f"{w.author.get_absolute_url()}write/", BAD, data={"body": ""}
        ),
        writing(lambda w: f"{w.author.get_absolute_url()}write/", data={"body": "Hi"}),
        writing("/people/nobody/write/", MISSING),
    ],
    "accounts:person_block": [
        writing(lambda w: f"{w.author.get_absolute_url()}block/"),
        writing("/people/nobody/block/", MISSING),
    ],
    "accounts:blocks": [signed_in("/me/blocks/")],
    "accounts:author": [writing("/me/author/", OK, method="get")],
    "accounts:author_agree": [writing("/me/author/agree/", MISSING)],
    "accounts:author_withdraw": [writing("/me/author/withdraw/", MISSING)],
    "accounts:expert": [
        writing("/me/expert/", OK, method="get"),
        writing("/me/expert/", BAD, data={"headline": ""}),
    ],
    "accounts:expert_ask": [writing("/me/expert/ask/", MISSING)],
    "accounts:credential_add": [writing("/me/expert/proofs/", MISSING)],
    "accounts:credential_remove": [
        writing(lambda w: f"/me/expert/proofs/{w.proof.pk}/remove/", MISSING)
    ],
    "accounts:credential_document": [
        signed_in(lambda w: f"/proofs/{w.proof.pk}/document/", MISSING, operator=OK)
    ],
    "accounts:rules": [everybody("/rules/")],
    "accounts:rules_agree": [writing("/rules/agree/")],
    "accounts:policy": [
        everybody("/policies/terms/"),
        everybody("/policies/author/"),
        everybody("/policies/nonsense/", MISSING),
    ],
    "accounts:avatar": [
        everybody(lambda w: f"/media/{w.avatar}"),
        everybody("/media/avatars/none.webp", MISSING),
    ],
    "accounts:plans": [everybody("/plans/")],
    "accounts:checkout": [
        writing(lambda w: w.offer.get_absolute_url(), OK, method="get"),
        writing(lambda w: w.offer.get_absolute_url(), data={"gateway": "test"}),
        writing(lambda w: w.offer.get_absolute_url(), BAD, data={"gateway": "x"}),
    ],
    "accounts:order": [signed_in(lambda w: w.order.get_absolute_url(), MISSING)],
    "accounts:test_charge": [
        writing(
            lambda w: f"/test-gateway/{w.payment.reference}/",
            MISSING,
            method="get",
        )
    ],
    "accounts:notice": [
        Row(lambda _: "/payments/test/notice/", BAD, {}, "post"),
        Row(lambda _: "/payments/unknown/notice/", MISSING, {}, "post"),
    ],
    "accounts:payment": [
        signed_in(lambda w: f"/orders/{w.order.number}/pay/{w.payment.pk}/", MISSING)
    ],
    "accounts:refund_ask": [
        signed_in(lambda w: f"{w.order.get_absolute_url()}refund/", MISSING)
    ],
    "accounts:receipt": [signed_in("/receipts/2026-000001/", MISSING)],
    "accounts:receipt_pdf": [signed_in("/receipts/2026-000001.pdf", MISSING)],
    "accounts:trial_start": [
        writing(lambda w: f"{w.offer.get_absolute_url()}trial/", GO)
    ],
    "accounts:membership": [writing("/me/membership/", OK, method="get")],
    "accounts:membership_cancel": [writing("/me/membership/cancel/", GO, method="get")],
    "accounts:membership_stay": [writing("/me/membership/stay/", GO)],
    "accounts:membership_renew": [writing("/me/membership/renew/", GO)],
    "accounts:membership_pause": [writing("/me/membership/pause/", GO)],
    "accounts:membership_resume": [writing("/me/membership/resume/", GO)],
    "accounts:membership_change": [
        writing(lambda w: f"/me/membership/next/{w.offer.slug}/", GO)
    ],
    "accounts:link": [everybody("/l/nothing/", GO)],
    "accounts:referrals": [signed_in("/me/referrals/")],
    "accounts:joining": [writing("/joining/", GO, method="get")],
    "accounts:welcome": [writing("/joining/welcome/", OK, method="get")],
    "accounts:space_apply": [
        writing("/joining/spaces/private/", MISSING, method="get")
    ],
    "accounts:application_change": [writing("/joining/applications/1/", MISSING)],
    "accounts:invitation": [
        Row(lambda _: "/invitation/", OK, {"visitor": GO, "suspended": NO})
    ],
    "accounts:invitation_code": [
        Row(lambda _: "/invitation/abc/", OK, {"visitor": GO, "suspended": NO})
    ],
    "accounts:gift": [writing("/gift/", OK, method="get")],
    "accounts:earnings": [signed_in("/me/earnings/")],
    "accounts:earnings_csv": [signed_in("/me/earnings.csv")],
}
