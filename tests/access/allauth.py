"""Sign-in and account pages come from allauth; who may ask for them is ours to say."""

from tests.access.rows import GO, MISSING, NO, OK, SIGN_IN, Row, everybody, signed_in


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
    # Old addresses that lead to the new ones.
    "None": [everybody("/accounts/social/connections/", GO)],
    # What is done to one's account is done by those who have just signed in again.
    "mfa_index": [signed_in("/accounts/2fa/")],
    "mfa_authenticate": [everybody("/accounts/2fa/authenticate/", GO, visitor=SIGN_IN)],
    "mfa_reauthenticate": [signed_in("/accounts/2fa/reauthenticate/", GO)],
    "mfa_activate_totp": [signed_in("/accounts/2fa/totp/activate/", GO)],
    "mfa_deactivate_totp": [signed_in("/accounts/2fa/totp/deactivate/", MISSING)],
    "mfa_view_recovery_codes": [signed_in("/accounts/2fa/recovery-codes/", MISSING)],
    "mfa_generate_recovery_codes": [
        signed_in("/accounts/2fa/recovery-codes/generate/", GO)
    ],
    "mfa_download_recovery_codes": [
        signed_in("/accounts/2fa/recovery-codes/download/", MISSING)
    ],
    "mfa_list_webauthn": [signed_in("/accounts/2fa/webauthn/")],
    "mfa_add_webauthn": [signed_in("/accounts/2fa/webauthn/add/", GO)],
    "mfa_edit_webauthn": [signed_in("/accounts/2fa/webauthn/keys/1/edit/", GO)],
    "mfa_remove_webauthn": [signed_in("/accounts/2fa/webauthn/keys/1/remove/", GO)],
    "mfa_reauthenticate_webauthn": [
        signed_in("/accounts/2fa/webauthn/reauthenticate/", GO)
    ],
    "mfa_login_webauthn": [
        everybody("/accounts/2fa/webauthn/login/", GO, visitor=SIGN_IN)
    ],
    "usersessions_list": [signed_in("/accounts/sessions/")],
    "socialaccount_connections": [signed_in("/accounts/3rdparty/")],
    "socialaccount_signup": [everybody("/accounts/3rdparty/signup/", SIGN_IN)],
    "socialaccount_login_cancelled": [everybody("/accounts/3rdparty/login/cancelled/")],
    "socialaccount_login_error": [everybody("/accounts/3rdparty/login/error/", NO)],
    "google_login_by_token": [Row(lambda _: "/accounts/google/login/token/", NO, {})],
    **{
        f"{name}_login": [everybody(f"/accounts/{name}/login/")]
        for name in ("google", "github", "weixin")
    },
    **{
        f"{name}_callback": [everybody(f"/accounts/{name}/login/callback/", NO)]
        for name in ("google", "github", "weixin")
    },
}
