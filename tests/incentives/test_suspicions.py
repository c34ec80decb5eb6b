from itertools import pairwise

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Activity, AuditRecord, Notification, Verb
from accounts.services import ledger
from incentives.errors import NotYet, SecondPersonNeeded
from incentives.models import Award, Suspicion
from incentives.models.suspicions import APPEALED_WITHIN
from incentives.numerics.gaming import PACE, Finding
from incentives.privacy import HANDLER
from incentives.services import gaming, points, replay, suspicions
from incentives.services.awarding import award_all, award_for
from incentives.services.lots import usable_until
from incentives.services.points import balance, mature, pending
from tests.factories.accounts import make_member
from tests.factories.suspicions import make_suspicion
from tests.incentives.deeds import do, noon, on_days, rule

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("log")]

State, Kind = Suspicion.State, Suspicion.Kind


@pytest.fixture
def second(db):
    return make_member("second", is_staff=True, is_superuser=True)


@pytest.fixture
def suspected(member):
    """Thirty points usable, thirty waiting, and a look at the six awards."""
    rule(points=10)
    rule(Verb.LESSON_DONE, points=10, wait_days=10)
    deeds = [
        *on_days(member, 0, 1, 2),
        *on_days(member, 0, 1, 2, verb=Verb.LESSON_DONE),
    ]
    awards = [award.pk for deed in deeds for award in award_for(deed)]
    return make_suspicion(member, awards=awards, points=60)


def told(member):
    rows = Notification.objects.filter(member=member).order_by("pk")
    return list(rows.values_list("kind", flat=True))


def test_while_somebody_looks_points_wait_and_nothing_is_taken(member, suspected):
    later = noon(100)

    assert mature(later) == 0
    assert (balance(member), pending(member)) == (30, 30)
    award_for(do(member, at=noon(3)))
    points.grant(member=member, points=5, key="more", cause="given")
    assert (balance(member), pending(member)) == (30, 45)
    assert mature(later) == 0
    assert points.spend(member=member, points=30, key="s", cause="reward")


def test_points_of_others_do_not_wait(member, other_member, suspected):
    award_for(do(other_member))

    assert (balance(other_member), pending(other_member)) == (10, 0)


def test_a_batch_waits_for_those_who_are_looked_at_only(
    member, other_member, suspected
):
    deeds = [do(who, at=noon(5)).pk for who in (member, other_member)]

    award_all(Activity.objects.filter(pk__in=deeds))

    assert (pending(member), pending(other_member)) == (40, 0)


def test_all_is_well_and_points_go_on(member, operator, suspected):
    award_for(do(member, at=noon(3)))

    suspicions.clear(suspicion=suspected, by=operator)

    assert mature(noon(100)) == 4
    assert (balance(member), pending(member)) == (70, 0)
    assert told(member) == ["points_checked"]
    assert AuditRecord.objects.filter(act="cleared a suspicion").exists()
    with pytest.raises(NotYet):
        suspicions.confirm(suspicion=suspected, by=operator, answer="No.")


def test_confirming_takes_back_what_is_named_and_no_more(member, operator, suspected):
    points.spend(member=member, points=20, key="s", cause="reward")
    award_for(do(member, at=noon(3)))

    suspicions.confirm(suspicion=suspected, by=operator, answer="In a circle.")

    assert (balance(member), pending(member)) == (0, 10)
    assert mature(noon(100)) == 1
    assert balance(member) == 10
    assert Award.objects.filter(fell_by=Award.GAMED).count() == 6
    assert ledger.check() == {}
    record = AuditRecord.objects.get(act="confirmed a suspicion")
    assert record.facts["points"] == 60


def test_a_replay_does_not_bring_back_what_was_found_to_be_made(
    member, operator, suspected
):
    suspicions.confirm(suspicion=suspected, by=operator, answer="In a circle.")

    assert replay.replay(days=90, by=operator) == 0
    assert balance(member) == 0


def test_an_appeal_is_decided_by_another_and_gives_back(
    member, operator, second, suspected
):
    points.spend(member=member, points=20, key="s", cause="reward")
    suspicions.confirm(suspicion=suspected, by=operator, answer="In a circle.")
    suspicions.appeal(suspicion=suspected, words="We study together.")

    for by in (operator, member):
        with pytest.raises(SecondPersonNeeded):
            suspicions.grant_appeal(suspicion=suspected, by=by, answer="Yes.")
    suspicions.grant_appeal(suspicion=suspected, by=second, answer="You are right.")

    suspected.refresh_from_db()
    assert suspected.state == State.CLEARED
    assert balance(member) == 40  # all that was taken; what was spent was not
    assert told(member) == ["points_checked", "appeal_decided"]
    with pytest.raises(NotYet):
        suspicions.grant_appeal(suspicion=suspected, by=second, answer="Again.")


def test_what_an_appeal_gives_back_can_be_used_as_long_as_before(
    member, operator, second
):
    rule(points=10, valid_months=6)
    awards = [it.pk for deed in on_days(member, 0) for it in award_for(deed)]
    suspected = make_suspicion(member, awards=awards, points=10)
    before = usable_until(member)
    suspicions.confirm(suspicion=suspected, by=operator, answer="In a circle.")
    suspicions.appeal(suspicion=suspected, words="We study together.")

    suspicions.grant_appeal(suspicion=suspected, by=second, answer="You are right.")

    assert usable_until(member) == before != []


def test_one_may_appeal_once_and_in_time(member, operator, second, suspected):
    with pytest.raises(NotYet):
        suspicions.appeal(suspicion=suspected, words="Too early.")
    suspicions.confirm(suspicion=suspected, by=operator, answer="In a circle.")
    suspicions.appeal(suspicion=suspected, words="We study together.")
    suspicions.refuse_appeal(suspicion=suspected, by=second, answer="Sorry, no.")
    with pytest.raises(NotYet):
        suspicions.appeal(suspicion=suspected, words="Once more.")

    late = make_suspicion(member, kind=Kind.FARM)
    suspicions.confirm(suspicion=late, by=operator, answer="A farm.")
    long_ago = timezone.now() - APPEALED_WITHIN
    Suspicion.objects.filter(pk=late.pk).update(decided_at=long_ago)
    with pytest.raises(NotYet):
        suspicions.appeal(suspicion=late, words="Late.")


def test_nobody_decides_about_themselves(operator):
    own = make_suspicion(operator)

    with pytest.raises(SecondPersonNeeded):
        suspicions.clear(suspicion=own, by=operator)


def test_the_database_refuses_a_second_judgement_by_the_same(
    member, operator, suspected
):
    now = timezone.now()
    rows = Suspicion.objects.filter(pk=suspected.pk)
    rows.update(state=State.CONFIRMED, decided_by=operator, decided_at=now)
    for who in (operator, member):
        with pytest.raises(IntegrityError, match="by_another"), transaction.atomic():
            rows.update(appealed_at=now, appeal_decided_by=who, appeal_decided_at=now)
    with pytest.raises(IntegrityError, match="by_its_member"), transaction.atomic():
        rows.update(decided_by=member)


def test_one_is_open_for_a_member_and_kind(member, suspected):
    with pytest.raises(IntegrityError, match="open_once"), transaction.atomic():
        make_suspicion(member)


def finding(member, awards=(1, 2)):
    numbers = {"verb": "lesson_done", "most": 31, "possible": 10}
    return Finding(PACE, member.pk, tuple(awards), 10, 3.1, numbers)


def test_who_is_found_again_keeps_one_suspicion_that_names_more(member):
    rule()
    first, other = (award_for(do(member, pk=n))[0].pk for n in (1, 2))

    assert suspicions.suspect(finding(member, [first]))
    assert not suspicions.suspect(finding(member, [other]))

    row = Suspicion.objects.get()
    assert (row.awards, row.points) == ([first, other], 20)
    assert told(member) == ["points_wait"]


def test_who_is_erased_is_not_suspected(member):
    member.erased_at = timezone.now()
    member.save()

    assert not suspicions.suspect(finding(member))


def forge(member, day=0):
    for n in range(31):
        do(member, Verb.LESSON_DONE, pk=100 * day + n, at=noon(day))
    award_all(Activity.objects.filter(member=member))


def test_a_night_finds_who_is_too_fast_and_says_so_once(member, operator):
    rule(Verb.LESSON_DONE, points=5)
    forge(member)

    assert (gaming.look(noon(1)), gaming.look(noon(2))) == (1, 0)

    row = Suspicion.objects.get()
    assert (row.kind, row.points, len(row.awards)) == (Kind.PACE, 155, 31)
    assert "31" in suspicions.why_of(row)
    suspicions.clear(suspicion=row, by=operator)
    assert gaming.look(noon(3)) == 0  # somebody has looked at these
    forge(member, day=4)
    assert gaming.look(noon(5)) == 1


def test_a_night_finds_a_ring_among_others(member):
    rule(Verb.ANSWER_ACCEPTED, points=15)
    crowd = [make_member(f"m{n}") for n in range(12)]
    a, b = make_member("a"), make_member("b")
    pairs = [(a, b), (b, a)] * 3 + list(pairwise(crowd))
    for n, (asker, author) in enumerate(pairs):
        do(author, Verb.ANSWER_ACCEPTED, pk=n, kind="post", asker=asker.pk, by=asker.pk)
    award_all(Activity.objects.all())

    assert gaming.look(noon(1)) == 2

    rows = Suspicion.objects.order_by("member__username")
    assert [(it.member.username, it.kind, it.points) for it in rows] == [
        ("a", "ring", 45),
        ("b", "ring", 45),
    ]
    assert any("A to B: 3 times" in line for line in suspicions.evidence(rows[0]))


def test_the_member_reads_why_and_says_a_word(client, member, suspected):
    client.force_login(member)
    address = suspected.get_absolute_url()
    assert address in client.get("/points/").content.decode()

    assert client.post(f"{address}state/", {"words": ""}).status_code == 422
    client.post(f"{address}state/", {"words": "We study together."})

    assert "We study together." in client.get(address).content.decode()
    suspected.refresh_from_db()
    assert suspected.statement == "We study together."


def test_the_member_reads_the_answer_and_appeals(client, member, operator, suspected):
    suspicions.confirm(suspicion=suspected, by=operator, answer="Looks like a circle.")
    client.force_login(member)
    address = suspected.get_absolute_url()
    assert "Looks like a circle." in client.get(address).content.decode()

    client.post(f"{address}appeal/", {"words": "It is a study group."})
    client.post(f"{address}state/", {"words": "Too late for this."})

    suspected.refresh_from_db()
    assert (suspected.state, suspected.statement) == (State.APPEALED, "")
    page = client.get(address).content.decode()
    assert "It is a study group." in page
    assert "<textarea" not in page


def page_of(suspicion, act="change"):
    return f"/admin/incentives/suspicion/{suspicion.pk}/{act}/"


def test_an_operator_sees_who_gave_to_whom_and_decides(
    client, member, operator, second, suspected
):
    suspected.numbers["pairs"] = [[operator.pk, member.pk, 7]]
    suspected.save()
    client.force_login(operator)
    assert (
        "Operator to Member: 7 times" in client.get(page_of(suspected)).content.decode()
    )
    listed = client.get("/admin/incentives/suspicion/")
    assert listed.status_code == 200

    asked = client.get(page_of(suspected, "confirm"))
    assert "Operator to Member: 7 times" in asked.content.decode()
    answer = {"answer": "Looks like a circle.", "form_key": "1"}
    client.post(page_of(suspected, "confirm"), answer)
    suspected.refresh_from_db()
    assert (suspected.state, suspected.decided_by) == (State.CONFIRMED, operator)

    suspicions.appeal(suspicion=suspected, words="No.")
    same = client.post(page_of(suspected, "grant"), {"answer": "x", "form_key": "2"})
    assert "Somebody else" in same.content.decode()
    client.force_login(second)
    client.post(page_of(suspected, "refuse"), {"answer": "It stays.", "form_key": "3"})
    suspected.refresh_from_db()
    assert suspected.appeal_answer == "It stays."


def test_who_is_erased_leaves_no_word_of_it(member, suspected):
    suspicions.state(suspicion=suspected, words="We study together.")

    (row,) = HANDLER.export(member)["looks at points"]
    assert row["statement"] == "We study together."
    HANDLER.erase(member)
    assert not Suspicion.objects.exists()
