import pytest
from django.utils import timezone

from accounts.errors import Muted
from accounts.models import Role
from accounts.privacy import erase_all, export_all
from accounts.services.roles import grant_role
from content.errors import NotAllowedNow, NotOpen, TooManyProposals
from content.models import CaseProposal, Event
from content.services import case_proposals, events
from tests.factories.accounts import make_member
from tests.factories.events import DAY, make_event

pytestmark = pytest.mark.django_db

CASE = {"title": "Sour soil", "text": "We limed it.", "minutes": 20}


@pytest.fixture
def mentor(db):
    member = make_member("mentor")
    grant_role(member=member, role=Role.MENTOR)
    member.refresh_from_db()
    return member


@pytest.fixture
def call(mentor):
    return make_event("Cases", host=mentor, kind=Event.Kind.CASE)


def propose(call, member, **says):
    return case_proposals.propose(event=call, member=member, **CASE | says)


def told(member):
    return list(member.notifications.order_by("pk").values_list("kind", flat=True))


def test_the_host_hears_of_a_case_and_its_member_of_the_decision(call, member):
    proposal = propose(call, member)
    assert told(call.host) == ["case_proposed"]
    for _ in range(2):
        case_proposals.accept(proposal=proposal, by=call.host, begins_after=10)
    assert told(member) == ["case_accepted"]
    entry = call.agenda.get()
    assert (entry.title, entry.minutes, entry.begins_after) == ("Sour soil", 20, 10)
    assert entry.speaker.member == member
    assert case_proposals.next_free_minute(call) == 30


def test_who_tells_two_cases_is_one_speaker(call, member):
    for title in ("One", "Two"):
        proposal = propose(call, member, title=title)
        case_proposals.accept(proposal=proposal, by=call.host, begins_after=0)
    assert call.speakers.count() == 1


def test_what_was_decided_stays(call, member):
    proposal = propose(call, member)
    for _ in range(2):
        case_proposals.decline(proposal=proposal, by=call.host, reason="Too long")
    assert told(member) == ["case_declined"]
    with pytest.raises(NotAllowedNow):
        case_proposals.accept(proposal=proposal, by=call.host, begins_after=0)
    with pytest.raises(NotAllowedNow):
        case_proposals.withdraw(proposal=proposal)


def test_what_was_withdrawn_is_not_decided(call, member):
    proposal = propose(call, member)
    for _ in range(2):
        case_proposals.withdraw(proposal=proposal)
    assert not case_proposals.of(call)
    with pytest.raises(NotAllowedNow):
        case_proposals.decline(proposal=proposal, by=call.host, reason="No")
    with pytest.raises(NotAllowedNow):
        case_proposals.accept(proposal=proposal, by=call.host, begins_after=0)


def test_cases_are_taken_until_it_begins_three_of_each(call, member):
    for title in ("One", "Two", "Three"):
        propose(call, member, title=title)
    with pytest.raises(TooManyProposals):
        propose(call, member)
    Event.objects.update(
        starts_at=timezone.now() - DAY, ends_at=timezone.now() - DAY / 2
    )
    call.refresh_from_db()
    with pytest.raises(NotOpen):
        propose(call, make_member("late"))
    with pytest.raises(NotOpen):
        propose(make_event(), make_member("elsewhere"))


def test_the_same_form_proposes_once_and_the_muted_not_at_all(call, member):
    key = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
    assert propose(call, member, form_key=key) == propose(call, member, form_key=key)
    member.muted_until = timezone.now() + DAY
    with pytest.raises(Muted):
        propose(call, member)


def test_a_cancelled_call_takes_none_into_the_agenda(call, member):
    proposal = propose(call, member)
    events.cancel_event(event=call, by=call.host)
    with pytest.raises(NotAllowedNow):
        case_proposals.accept(proposal=proposal, by=call.host, begins_after=0)


def test_a_case_goes_from_the_form_to_the_agenda(client, call, member, mentor):
    client.force_login(member)
    assert "Propose a case" in client.get(call.get_absolute_url()).content.decode()
    path = f"/events/{call.pk}/cases/"
    refused = client.post(path, {**CASE, "minutes": "500"})
    assert refused.status_code == 422
    assert "We limed it." in refused.content.decode()
    client.post(path, CASE)
    assert "Sour soil" in client.get(path).content.decode()
    proposal = CaseProposal.objects.get()
    asked = client.post(f"/events/cases/{proposal.pk}/withdraw/")
    assert "Withdraw this case?" in asked.content.decode()

    client.force_login(mentor)
    text = client.get(f"/studio/events/{call.pk}/cases/").content.decode()
    assert "We limed it." in text
    decide = f"/studio/events/cases/{proposal.pk}/"
    assert client.post(decide, {"accept": "1"}).status_code == 422
    assert client.post(decide, {"reason": ""}).status_code == 422
    client.post(decide, {"accept": "1", "begins_after": "0"})
    assert "Sour soil" in client.get(call.get_absolute_url()).content.decode()


def test_a_declined_member_reads_why(client, call, member, mentor):
    proposal = propose(call, member)
    client.force_login(mentor)
    client.post(f"/studio/events/cases/{proposal.pk}/", {"reason": "Too dry"})
    client.force_login(member)
    assert "Too dry" in client.get(f"/events/{call.pk}/cases/").content.decode()
    client.force_login(make_member("other"))
    text = client.get(f"/events/{call.pk}/cases/").content.decode()
    assert "Sour soil" not in text


def test_a_case_is_told_and_forgotten_with_its_member(call, member):
    proposal = propose(call, member)
    case_proposals.accept(proposal=proposal, by=call.host, begins_after=0)
    propose(call, member, title="Still open")
    assert "We limed it." in str(export_all(member))
    erase_all(member)
    kept = CaseProposal.objects.get()
    assert (kept.title, kept.text) == ("…", "")
