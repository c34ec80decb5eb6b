import pytest
from django.core import mail as outbox

from accounts.models import Mail
from accounts.services import mails
from tests.factories.accounts import make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def template(tmp_path, settings):
    folder = tmp_path / "emails" / "hello"
    folder.mkdir(parents=True)
    (folder / "subject.txt").write_text("Hello\n{{ word }}\n")
    (folder / "body.txt").write_text("{{ member }}, {{ site }}/me/\n")
    templates = settings.TEMPLATES[0]
    settings.TEMPLATES = [{**templates, "DIRS": [*templates["DIRS"], tmp_path]}]
    return "hello"


def send(member, template, key="hello:1"):
    mails.send(key=key, member=member, template=template, word="there")


def test_news_is_sent_once_however_often_it_is_told(
    member, template, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        send(member, template)
        send(member, template)
    mails.deliver(Mail.objects.get().pk)

    (message,) = outbox.outbox
    assert message.subject == "Hello there"
    assert message.body == "Member, http://testserver/me/\n"


def test_what_was_not_sent_is_sent_later(member, template):
    send(member, template)

    assert mails.deliver_waiting() == 1
    assert mails.deliver_waiting() == 0
    assert len(outbox.outbox) == 1


def test_a_silent_mail_server_costs_no_news(member, template, monkeypatch):
    send(member, template)

    def refuse(*args, **kwargs):
        raise OSError("Connection refused")

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.backends.locmem.EmailBackend.open", refuse)
        assert mails.deliver_waiting() == 0
    assert mails.deliver_waiting() == 1


def test_who_has_no_address_is_let_be(template):
    send(make_member("imported", email=None), template)

    mails.deliver_waiting()

    assert outbox.outbox == []
    assert Mail.objects.get().sent_at


def test_a_mail_that_cannot_be_written_holds_up_no_other(member, template):
    mails.send(key="b", member=member, template=template)
    Mail.objects.create(key="a", member=member, template="of_no_such_name")

    assert mails.deliver_waiting() == 1
