"""Sign-in and account pages come from allauth; who may ask for them is ours to say."""

from tests.access.rows import GO, OK, SIGN_IN, everybody, signed_in


def for_visitors(path):
    return everybody(path, GO, visitor=OK)


ROWS = {
    "account_login": [for_visitors("/accounts/login/")],
    "account_signup": [for_visitors("/accounts/signup/")],
    "account_logout": [everybody("/accounts/logout/", OK, visitor=GO)],
    "account_inactive": [everybody("/accounts/inactive/")],
    "account_reauthenticate": [signed_in("/accounts/reauthenticate/")],
    "account_email": [signed_in("/accounts/email/")],
    "account_email_verification_sent": [everybody("/accounts/confirm-email/")],
    "account_confirm_email": [everybody("/accounts/confirm-email/wrong-key/")],
    "account_change_password": [signed_in("/accounts/password/change/")],
    "account_set_password": [signed_in("/accounts/password/set/", GO)],
    "account_reset_password": [everybody("/accounts/password/reset/")],
    "account_reset_password_done": [everybody("/accounts/password/reset/done/")],
    "account_reset_password_from_key": [
        everybody("/accounts/password/reset/key/1-wrong/")
    ],
    "account_reset_password_from_key_done": [
        everybody("/accounts/password/reset/key/done/")
    ],
    "account_request_login_code": [for_visitors("/accounts/login/code/")],
    "account_confirm_login_code": [
        everybody("/accounts/login/code/confirm/", GO, visitor=SIGN_IN)
    ],
}
