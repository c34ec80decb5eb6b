import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core import mail as outbox
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.errors import AlreadyDecided, NotAllowed, NotNow
from accounts.models import AuditRecord, Mail, Notification, Sanction, User
from accounts.services import news_choices, news_mails, sanctions
from accounts.services.notifications import tell
from tests.factories.accounts import make_member, make_space
from tests.factories.billing import buy, make_plan
from tests.factories.discussions import make_topic
from tests.factories.sanctions import make_rule, make_sanction

pytestmark = pytest.mark.django_db
Kind = Sanction.Kind


@pytest.fixture
def operator(db):
    return make_member("operator", roles=["operator"])


@pytest.fixture
def second(db):
    return make_member("second", roles=["operator"])


def later(member, days):
    """As if so much time had passed since everything was imposed."""
    for it in member.sanctions.all():
        shift = dt.timedelta(days=days)
        it.created_at -= shift
        it.begins_at = it.begins_at and it.begins_at - shift
        it.ends_at = it.ends_at and it.ends_at - shift
        it.save()


def test_the_ladder_goes_up_step_by_step_and_forgets_after_a_year(member, operator):
    seen = []
    for _ in range(4):
        step = sanctions.next_step(member)
        seen.append(step.kind)
        make_sanction(member, by=operator, kind=step.kind, days=step.days)
    assert seen == [Kind.REMINDER, Kind.MUTE, Kind.SUSPENSION, Kind.REMOVAL]
    assert sanctions.next_step(member).kind == Kind.REMOVAL
    later(member, 366)
    assert sanctions.next_step(member).kind == Kind.REMINDER


def test_a_lifted_step_does_not_count(member, operator):
    sanction = make_sanction(member, by=operator)
    sanctions.lift(sanction=sanction, by=operator)
    assert sanctions.next_step(member).kind == Kind.REMINDER


def test_the_muted_read_and_keep_what_they_typed(member, operator, client):
    topic = make_topic(operator, space=make_space())
    make_sanction(member, by=operator, kind=Kind.MUTE, days=3)
    client.force_login(member)

    assert client.get(topic.get_absolute_url()).status_code == 200
    sent = {"body": "What I wanted to say"}
    answer = client.post(f"/topics/{topic.pk}/reply/", sent)
    assert answer.status_code == 422
    assert "What I wanted to say" in answer.content.decode()
    assert "Decisions" in answer.content.decode()

    later(member, 3)
    assert sanctions.end_due() == 1
    assert client.post(f"/topics/{topic.pk}/reply/", sent).status_code == 302
    assert sanctions.end_due() == 0


def test_the_longest_binds_and_lifting_it_leaves_the_other(member, operator):
    make_sanction(member, by=operator, kind=Kind.MUTE, days=3)
    longer = make_sanction(member, by=operator, kind=Kind.MUTE, days=30)
    member.refresh_from_db()
    assert member.muted_until == longer.ends_at
    sanctions.lift(sanction=longer, by=operator)
    member.refresh_from_db()
    assert member.muted_until < longer.ends_at
    assert member.is_muted


def test_a_suspension_ends_by_itself_and_one_of_old_does_not(
    member, other_member, operator
):
    make_sanction(member, by=operator, kind=Kind.SUSPENSION, days=14)
    User.objects.filter(pk=other_member.pk).update(suspended_at=timezone.now())
    member.refresh_from_db()
    assert member.is_suspended
    later(member, 14)
    make_sanction(other_member, by=operator, kind=Kind.MUTE, days=1)
    later(other_member, 1)
    assert sanctions.end_due() == 2
    member.refresh_from_db()
    other_member.refresh_from_db()
    assert (member.is_suspended, other_member.is_suspended) == (False, True)

    sanctions.lift_suspension(member=other_member, by=operator)
    other_member.refresh_from_db()
    assert not other_member.is_suspended


def test_who_pays_is_removed_by_two(member, operator, second):
    buy(member, make_plan())
    sanction = make_sanction(member, by=operator, kind=Kind.REMOVAL, days=None)
    member.refresh_from_db()
    assert (member.is_suspended, sanction.begins_at) == (False, None)
    assert not member.notifications.exists()

    for nobody in (operator, member):
        with pytest.raises(NotAllowed):
            sanctions.confirm(sanction=sanction, by=nobody)
    sanctions.confirm(sanction=sanction, by=second)
    with pytest.raises(AlreadyDecided):
        sanctions.confirm(sanction=sanction, by=second)
    member.refresh_from_db()
    assert member.is_suspended
    assert not member.spaces.filter(left_at=None).exists()


def test_lifting_a_suspension_decides_nothing_of_a_removal_that_waits(
    member, operator, second
):
    buy(member, make_plan())
    waiting = make_sanction(member, by=operator, kind=Kind.REMOVAL, days=None)
    make_sanction(member, by=operator, kind=Kind.SUSPENSION, days=14)

    sanctions.lift_suspension(member=member, by=second)

    member.refresh_from_db()
    assert not member.is_suspended
    sanctions.confirm(sanction=waiting, by=second)


def test_the_database_lets_nobody_remove_a_payer_alone(member, operator):
    buy(member, make_plan())
    sanction = make_sanction(member, by=operator, kind=Kind.REMOVAL, days=None)
    for forged in ({}, {"confirmed_by": operator}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Sanction.objects.filter(pk=sanction.pk).update(
                begins_at=timezone.now(), **forged
            )


def test_who_does_not_pay_is_removed_by_one(member, operator):
    make_sanction(member, by=operator, kind=Kind.REMOVAL, days=None)
    member.refresh_from_db()
    assert member.is_suspended


def test_nobody_sanctions_themselves_or_a_superuser(operator):
    superuser = make_member("root", is_superuser=True)
    for member in (operator, superuser):
        with pytest.raises(NotAllowed):
            make_sanction(member, by=operator)


def test_an_appeal_is_decided_by_somebody_else_and_lifts(
    member, operator, second, client, django_capture_on_commit_callbacks
):
    sanction = make_sanction(member, by=operator)
    client.force_login(member)
    url = f"/me/sanctions/{sanction.pk}/appeal/"
    assert client.post(url, {"words": ""}).status_code == 422
    for _ in range(2):
        client.post(url, {"words": "It was my brother."})
    assert "It was my brother." in client.get("/me/sanctions/").content.decode()

    appeal = sanction.appeal
    how = {"is_granted": True, "answer": "We believe you."}
    with pytest.raises(NotAllowed):
        sanctions.decide(appeal=appeal, by=operator, **how)
    with django_capture_on_commit_callbacks(execute=True):
        sanctions.decide(appeal=appeal, by=second, **how)
    member.refresh_from_db()
    assert not member.is_suspended
    assert "We believe you." in outbox.outbox[-1].body
    with pytest.raises(AlreadyDecided):
        sanctions.decide(appeal=appeal, by=second, **how)


def test_where_there_is_one_operator_they_decide_themselves(member, operator):
    sanction = make_sanction(member, by=operator)
    appeal = sanctions.appeal(sanction=sanction, words="Please")
    sanctions.decide(appeal=appeal, by=operator, is_granted=False, answer="No")
    member.refresh_from_db()
    assert member.is_suspended


def test_after_thirty_days_only_a_removal_is_appealed(member, other_member, operator):
    muted = make_sanction(member, by=operator, kind=Kind.MUTE, days=90)
    removed = make_sanction(other_member, by=operator, kind=Kind.REMOVAL, days=None)
    for who in (member, other_member):
        later(who, 31)
    with pytest.raises(NotNow):
        sanctions.appeal(sanction=muted, words="Late")
    assert sanctions.appeal(sanction=removed, words="Later still")


@pytest.fixture
def boss(db):
    return make_member("boss", is_superuser=True, is_staff=True)


def test_the_desk_asks_for_a_rule_and_takes_the_next_step(
    member, other_member, operator, boss, client, django_capture_on_commit_callbacks
):
    rule = make_rule()
    make_sanction(other_member, by=operator, kind=Kind.REMINDER, days=None)
    client.force_login(boss)
    sent = {
        "action": "sanction_members",
        "_selected_action": [member.pk, other_member.pk],
        "asked": "1",
        "reason": "Spam, twice",
    }
    url = "/admin/accounts/user/"
    assert client.post(url, sent).status_code == 422
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(url, {**sent, "rule": rule.pk}, follow=True)
    assert answer.status_code == 200
    kinds = Sanction.objects.filter(by=boss).values_list("member", "kind")
    assert set(kinds) == {(member.pk, "reminder"), (other_member.pk, "mute")}
    assert "Be kind" in outbox.outbox[-1].body
    assert "Spam, twice" in outbox.outbox[-1].body
    assert AuditRecord.objects.filter(act="sanction: mute").exists()


def test_two_who_confirm_at_once_begin_it_once(transactional_db):
    member = make_member()
    operator, second, third = (
        make_member(name, roles=["operator"]) for name in ("o", "s", "t")
    )
    buy(member, make_plan())
    sanction = make_sanction(member, by=operator, kind=Kind.REMOVAL, days=None)

    def agree(by):
        try:
            sanctions.confirm(sanction=sanction, by=by)
        except AlreadyDecided:
            return "late"
        finally:
            connection.close()
        return "first"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(agree, [second, third])) == ["first", "late"]


def test_what_has_a_letter_of_its_own_is_mailed_in_no_other(member, operator):
    make_sanction(member, by=operator)
    news = member.notifications.get()
    assert news.mail.template == "sanctioned"
    assert news.mail_at is None


def test_one_member_is_sanctioned_from_their_page(member, operator, boss, client):
    rule = make_rule()
    make_sanction(member, by=operator, kind=Kind.REMINDER, days=None)
    client.force_login(boss)
    page = f"/admin/accounts/user/{member.pk}/"
    assert f"{page}sanction/" in client.get(f"{page}change/").content.decode()
    sent = {"form_key": "a", "rule": rule.pk, "reason": "Spam, twice"}

    asked = client.get(f"{page}sanction/").content.decode()
    client.post(f"{page}sanction/", sent)

    assert str(Kind.MUTE.label) in asked
    assert member.sanctions.filter(kind="mute", by=boss).count() == 1


def test_a_suspension_is_lifted_only_after_asking(member, operator, boss, client):
    make_sanction(member, by=operator, kind=Kind.SUSPENSION, days=14)
    client.force_login(boss)
    sent = {"action": "lift_suspensions", "_selected_action": [member.pk]}

    asked = client.post("/admin/accounts/user/", sent)
    member.refresh_from_db()
    assert "may write again" in asked.content.decode()
    assert member.suspended_at

    client.post("/admin/accounts/user/", {**sent, "asked": "1"})
    member.refresh_from_db()
    assert member.suspended_at is None
    assert AuditRecord.objects.filter(act="lifted a suspension").exists()


@pytest.fixture
def removed(member, operator):
    make_sanction(member, by=operator, kind=Kind.REMOVAL, days=None)
    member.refresh_from_db()
    return member


def test_the_removed_read_what_visitors_read(removed, operator, client):
    inside = make_topic(operator, space=make_space("inside"), title="Among us")
    public = make_topic(operator, space=make_space("open", access="public"))
    client.force_login(removed)
    page = client.get(public.get_absolute_url())
    assert page.status_code == 200
    assert removed.name not in page.content.decode()
    assert "no-cache" in page["Cache-Control"]
    refused = client.get(inside.get_absolute_url(), follow=True)
    assert refused.request["PATH_INFO"] == "/me/sanctions/"
    assert "Among us" not in refused.content.decode()


def test_the_removed_are_told_why_when_they_sign_in_and_can_appeal(removed, client):
    removed.set_password("a long pass phrase")
    removed.save()
    removed.emailaddress_set.create(email=removed.email, verified=True, primary=True)
    answer = client.post(
        "/accounts/login/",
        {"login": removed.email, "password": "a long pass phrase"},
        follow=True,
    )
    page = answer.content.decode()
    assert answer.request["PATH_INFO"] == "/me/sanctions/"
    assert "Spam, twice" in page
    assert "/me/messages/" not in page
    sanction = removed.sanctions.get()
    sent = client.post(f"/me/sanctions/{sanction.pk}/appeal/", {"words": "It was not."})
    assert sent.status_code == 302
    assert sanctions.Appeal.objects.get().words == "It was not."
    assert client.get("/accounts/login/").url == "/me/sanctions/"


def test_the_removed_take_their_data_along(removed, client):
    removed.set_password("a long pass phrase")
    removed.save()
    client.force_login(removed)
    assert client.get("/me/privacy/").status_code == 200
    door = client.get("/me/privacy/export/")
    assert door.url.startswith("/accounts/reauthenticate/")
    client.post(door.url, {"password": "a long pass phrase"})
    assert client.get("/me/privacy/export/").status_code == 200
    assert client.get("/me/privacy/delete/").status_code == 200


def test_a_granted_appeal_lets_the_removed_in_again(removed, second, client):
    made = sanctions.appeal(sanction=removed.sanctions.get(), words="It was not I.")
    sanctions.decide(appeal=made, by=second, is_granted=True, answer="Right.")
    client.force_login(removed)
    assert client.get("/notifications/").status_code == 200


def test_the_removed_get_no_letters_about_the_talk(removed, other_member, operator):
    topic = make_topic(operator, space=make_space("open", access="public"))
    news_choices.choose(member=other_member, quiet_from=0, quiet_to=0)
    told = [removed.pk, other_member.pk]
    tell(told, kind=Notification.Kind.REPLIED, key="x", target=topic.posts.get())
    Notification.objects.filter(key="x").update(mail_at=timezone.now())
    news_mails.mail_due()
    written = Mail.objects.filter(template="news")
    assert [mail.member for mail in written] == [other_member]
