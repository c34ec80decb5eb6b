import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command

from accounts.models import Community, User
from accounts.services import community
from community import first_run
from tests.factories.accounts import make_member

ANSWERS = {
    "community_name": "Reading Circle 读书会",
    "language": "zh-hans",
    "goal": "Read one good book a month.",
    "audience": "Working people who read in the evening.",
    "name": "Lin Yue",
    "email": "Lin@Example.org",
    "password": "a-long-walk-home",
}


@pytest.fixture(autouse=True)
def forget_community():
    community.forget()
    yield
    community.forget()


@pytest.mark.django_db
class TestSetup:
    def test_a_visitor_of_a_new_site_sees_a_whole_front_page(self, client):
        assert client.get("/").status_code == 200

    def test_needs_the_printed_address(self, client):
        answer = client.get("/setup/?token=guessed")
        assert answer.status_code == 403
        assert b"setup_address" in answer.content
        assert client.post("/setup/", ANSWERS).status_code == 403
        assert not User.objects.exists()

    def test_asks_and_opens_the_community(self, client):
        assert client.get(first_run.path()).status_code == 200
        answer = client.post(first_run.path(), ANSWERS)
        assert (answer.status_code, answer.url) == (302, "/")

        row = Community.objects.get()
        assert (row.name, row.language) == ("Reading Circle 读书会", "zh-hans")
        assert row.goal == "Read one good book a month."
        assert row.set_up_at is not None

        operator = User.objects.get()
        assert operator.is_superuser
        assert operator.is_staff
        assert operator.roles == ["operator"]
        assert EmailAddress.objects.get(user=operator).verified
        assert authenticate(email="lin@example.org", password="a-long-walk-home")
        assert client.session["_auth_user_id"] == str(operator.pk)

    def test_the_address_is_dead_for_good_once_it_was_used(self, client):
        client.post(first_run.path(), ANSWERS)
        User.objects.update(is_superuser=False)
        client.logout()

        assert client.get(first_run.path()).url == "/"
        client.post(first_run.path(), ANSWERS | {"email": "thief@example.org"})

        assert User.objects.count() == 1

    def test_keeps_what_was_written_when_something_is_missing(self, client):
        answer = client.post(first_run.path(), ANSWERS | {"goal": "", "password": "1"})
        assert answer.status_code == 422
        assert "Reading Circle 读书会" in answer.content.decode()
        assert not User.objects.exists()

    def test_is_over_once_there_is_an_operator(self, client, operator):
        for answer in (
            client.get(first_run.path()),
            client.post(first_run.path(), ANSWERS),
        ):
            assert (answer.status_code, answer.url) == (302, "/")
        assert User.objects.get() == operator

    def test_refuses_a_second_operator_that_came_at_the_same_moment(self, operator):
        with pytest.raises(first_run.AlreadySetUp):
            first_run.set_up(**ANSWERS)

    def test_refuses_an_address_that_has_an_account(self, client):
        make_member("lin", email="lin@example.org")
        assert client.post(first_run.path(), ANSWERS).status_code == 422

    def test_the_address_can_be_asked_for(self, capsys):
        call_command("setup_address")
        assert capsys.readouterr().out.strip() == first_run.path()

    def test_the_address_is_told_no_more_once_it_is_used(self, operator):
        with pytest.raises(CommandError):
            call_command("setup_address")
