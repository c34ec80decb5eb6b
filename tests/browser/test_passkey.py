"""A passkey from a virtual device: set up under our policy, then signed in by."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator

from accounts.services import consents
from tests.factories.accounts import make_member

PASSWORD = "secret-pw-1"


def give_device(page):
    """A device that holds passkeys and always says yes."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )


def test_a_passkey_is_set_up_and_opens_the_door(reader, live_server):
    member = make_member("ada")
    EmailAddress.objects.create(
        user=member, email=member.email, verified=True, primary=True
    )
    for purpose in consents.REQUIRED:
        consents.give(member=member, purpose=purpose)
    page = reader().page
    # Passkeys belong to a name, not to a number.
    here = live_server.url.replace("127.0.0.1", "localhost")
    give_device(page)
    page.goto(f"{here}/accounts/login/?next=/accounts/2fa/webauthn/add/")
    page.fill("[name=login]", member.email)
    page.fill("[name=password]", PASSWORD)
    page.click("main form button[type=submit]")
    page.wait_for_url("**/reauthenticate/**")  # asked again before such a change
    page.fill("[name=password]", PASSWORD)
    page.click("main form button[type=submit]")
    page.fill("[name=name]", "My telephone")
    page.check("[name=passwordless]")
    page.click("#mfa_webauthn_add")
    page.wait_for_url("**/2fa/recovery-codes/**")
    assert Authenticator.objects.filter(type="webauthn").count() == 1

    page.context.clear_cookies()
    page.goto(f"{here}/accounts/login/")
    page.click("#passkey_login")
    page.wait_for_url(f"{here}/")

    assert page.locator("body").get_attribute("data-member") == str(member.pk)
