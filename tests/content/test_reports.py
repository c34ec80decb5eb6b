"""Reports of ratings and of members' pages, and what is decided of them."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.models import AuditRecord, Notification, Role, Space
from accounts.services.roles import grant_role
from accounts.services.spaces import give_place_role
from content import privacy
from content.errors import OwnWork
from content.models import Case, Decision, ModerationPolicy, Rating
from content.services import moderation, reports
from tests.factories.accounts import make_member, make_space
from tests.factories.courses import make_item


@pytest.fixture
def guide(db):
    guide = make_member("guide")
    grant_role(member=guide, role=Role.VOLUNTEER)
    guide.refresh_from_db()
    return guide


@pytest.fixture
def rating(db):
    author = make_member("rater")
    return Rating.objects.create(
        item=make_item("essay", access="free"), member=author, stars=1, words="Rubbish!"
    )


@pytest.fixture
def person(db):
    person = make_member("loud", name="Loud", about="Buy my pills")
    person.avatar.save("abc.png", ContentFile(b"a picture"))
    return person


def told(member):
    found = Notification.objects.filter(member=member).order_by("pk")
    return list(found.values_list("kind", flat=True))


def old_member(name):
    return make_member(name, date_joined=timezone.now() - 9 * reports.A_DAY)


def test_a_reported_rating_is_hidden_and_shown_again(
    client, member, guide, rating, django_capture_on_commit_callbacks
):
    client.force_login(member)
    address = f"/ratings/{rating.pk}/report/"
    assert address in client.get("/library/essay/ratings/").text
    client.post(address, {"reason": "abuse", "words": "It hurts"})
    reports.report_rating(rating=rating, by=member, reason="spam")  # once
    case = Case.objects.get()
    assert (case.what, case.author, case.reports.count()) == (
        "rating",
        rating.member,
        1,
    )
    assert "essay" in client.get("/reports/").text.lower()

    client.force_login(guide)
    assert "Rubbish!" in client.get("/studio/queue/?what=rating").text
    assert "It hurts" in client.get(f"/studio/queue/{case.pk}/").text
    client.post(f"/studio/queue/{case.pk}/", {"act": "reject", "reason": "Be kind."})
    rating.refresh_from_db()
    assert rating.hidden_at
    assert told(rating.member) == ["rating_hidden"]
    assert told(member) == ["report_decided"]
    assert AuditRecord.objects.filter(act="hid a rating").exists()

    client.force_login(rating.member)
    assert "Be kind." in client.get(f"/held/{case.pk}/").text
    assert "Rubbish!" not in client.get("/library/essay/ratings/").text
    moderation.undo(decision=Decision.objects.get(), by=guide)
    rating.refresh_from_db()
    case.refresh_from_db()
    assert (rating.hidden_at, case.closed_at) == (None, None)


def test_enough_reports_hide_a_rating_until_somebody_has_looked(guide, rating):
    ModerationPolicy.objects.create(reports_hide=2)
    for name in ("one", "two"):
        reports.report_rating(rating=rating, by=old_member(name), reason="abuse")
    rating.refresh_from_db()
    assert rating.hidden_at
    moderation.accept(case=Case.objects.get(), by=guide)
    rating.refresh_from_db()
    assert rating.hidden_at is None


def test_what_is_ones_own_is_not_reported(client, rating):
    client.force_login(rating.member)
    assert client.get(f"/ratings/{rating.pk}/report/").status_code == 403
    assert client.get("/people/rater/report/").status_code == 403
    with pytest.raises(OwnWork):
        reports.report_rating(rating=rating, by=rating.member, reason="spam")
    with pytest.raises(OwnWork):
        reports.report_page(person=rating.member, by=rating.member, reason="spam")
    assert not Case.objects.exists()


def test_a_page_loses_what_was_chosen_and_gets_it_back(
    client, member, guide, person, django_capture_on_commit_callbacks
):
    picture = person.avatar.name
    client.force_login(member)
    assert "/people/loud/report/" in client.get("/people/loud/").text
    client.post("/people/loud/report/", {"reason": "spam"})
    case = Case.objects.get(what="member")
    address = f"/studio/queue/{case.pk}/"
    client.force_login(guide)
    assert "Buy my pills" in client.get(address).text
    chosen = {"act": "reject", "reason": "No advertising."}
    assert client.post(address, chosen).status_code == 422
    with django_capture_on_commit_callbacks(execute=True):
        client.post(address, {**chosen, "parts": ["text", "picture"]})
    person.refresh_from_db()
    assert (person.about, person.avatar.name) == ("", "")
    assert not default_storage.exists(picture)
    assert told(person) == ["page_cleared"]
    assert told(member) == ["report_decided"]

    with django_capture_on_commit_callbacks(execute=True):
        moderation.undo(decision=Decision.objects.get(), by=guide)
    person.refresh_from_db()
    assert person.about == "Buy my pills"
    with person.avatar.open() as picture:
        assert picture.read() == b"a picture"
    assert not default_storage.listdir("cleared")[1]


def test_only_the_text_goes_and_what_is_written_meanwhile_stays(member, guide, person):
    reports.report_page(person=person, by=member, reason="spam")
    decision = moderation.reject(
        case=Case.objects.get(), by=guide, reason="No.", parts=["text"]
    )
    person.refresh_from_db()
    assert (person.about, bool(person.avatar)) == ("", True)
    person.about = "Better now"
    person.save()
    moderation.undo(decision=decision, by=guide)
    person.refresh_from_db()
    assert person.about == "Better now"


def test_what_was_taken_off_is_forgotten_after_a_day_and_with_the_member(
    member, guide, person, django_capture_on_commit_callbacks
):
    for forget in (reports.forget_cleared_pages, lambda: privacy.erase(person)):
        person.about, person.avatar = "Buy", ContentFile(b"again", name="x.png")
        person.save()
        reports.report_page(person=person, by=member, reason="spam")
        case = Case.objects.get(closed_at=None)
        decision = moderation.reject(case=case, by=guide, reason="No.")
        kept = decision.before["picture"]
        with django_capture_on_commit_callbacks(execute=True):
            reports.forget_cleared_pages()
        assert default_storage.exists(kept)
        if forget == reports.forget_cleared_pages:
            Decision.objects.update(at=timezone.now() - 2 * reports.A_DAY)
        with django_capture_on_commit_callbacks(execute=True):
            forget()
        decision.refresh_from_db()
        assert decision.before == {}
        assert not default_storage.exists(kept)


def test_pages_are_for_those_who_keep_order_everywhere(client, member, person, rating):
    space = make_space("inner", access=Space.Access.JOINED)
    rating.item.space = space
    rating.item.save()
    reports.report_page(person=person, by=member, reason="spam")
    reports.report_rating(rating=rating, by=member, reason="spam")
    own = make_member("own")
    give_place_role(space=space, member=own, role="mentor", by=own)
    client.force_login(own)
    page = client.get("/studio/queue/").text
    assert "Rubbish!" in page
    assert "Buy my pills" not in page

    rating.item.space = make_space("elsewhere")
    rating.item.save()
    assert "Rubbish!" not in client.get("/studio/queue/").text
    rating.item.space = space
    rating.item.save()

    # Who may not read the item any more is told nothing of it.
    client.force_login(member)
    assert rating.item.title not in client.get("/reports/").text


def test_reports_of_one_page_are_one_case_and_it_may_be_reported_again(
    member, other_member, guide, person
):
    first = reports.report_page(person=person, by=member, reason="spam")
    assert reports.report_page(person=person, by=member, reason="abuse") == first
    reports.report_page(person=person, by=other_member, reason="spam")
    decision = moderation.accept(case=Case.objects.get(), by=guide)
    assert told(person) == []
    again = reports.report_page(person=person, by=member, reason="spam")
    assert again.case_id != first.case_id
    with pytest.raises(moderation.TooLateToUndo):
        moderation.undo(decision=decision, by=guide)
