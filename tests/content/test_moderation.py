"""The queue: who sees what, what is decided there, and how it is undone."""

import datetime as dt
import json
from concurrent.futures import ThreadPoolExecutor
from unittest import mock

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import AuditRecord, Notification, Role, Space
from accounts.services import rules
from accounts.services.roles import grant_role
from accounts.services.spaces import give_place_role, join_space, leave_space
from content import privacy
from content.errors import (
    ClosedAlready,
    OwnWork,
    TakenByOther,
    TooLateToUndo,
    TooManyReports,
    TopicClosed,
)
from content.models import (
    Case,
    Decision,
    ModerationPolicy,
    Topic,
    TopicHeat,
    WatchedWord,
)
from content.services import discussions, held, moderation, posting, reports
from tests.factories.accounts import make_member, make_space
from tests.factories.courses import make_item
from tests.factories.discussions import make_post, make_topic


@pytest.fixture
def space(db):
    return make_space("circle", access=Space.Access.PUBLIC)


@pytest.fixture
def topic(space):
    return make_topic(make_member("asker"), space=space)


@pytest.fixture
def guide(db):
    return make_guide("guide")


def make_guide(name):
    guide = make_member(name)
    grant_role(member=guide, role=Role.VOLUNTEER)
    guide.refresh_from_db()
    return guide


def hold_reply(topic, author, body="It waits"):
    ModerationPolicy.objects.get_or_create(defaults={"mode": "all"})
    return posting.post_reply(topic=topic, author=author, body=body)


def hold_topic(space, author, title="It waits", body="A text"):
    ModerationPolicy.objects.get_or_create(defaults={"mode": "all"})
    return posting.post_topic(
        author=author, kind="question", title=title, body=body, space=space
    )


def news_of(member):
    return list(member.notifications.values_list("kind", flat=True))


def hold_poll(space, author, closes_at):
    ModerationPolicy.objects.get_or_create(defaults={"mode": "all"})
    asked = {"choices": ["Tea", "Milk"], "closes_at": closes_at.isoformat()}
    return posting.post_topic(
        author=author, kind="poll", title="Which?", body="", space=space, poll=asked
    )


# What was decided --------------------------------------------------------------------


def history(client, **asked):
    page = client.get("/studio/queue/history/", asked)
    assert page.status_code == 200
    return [it.case.pk for it in page.context["rows"]]


def test_guides_find_what_was_decided_by_words_person_and_reason(
    client, member, other_member, guide, topic
):
    tea = hold_reply(topic, member, body="Buy my tea")
    milk = hold_reply(topic, other_member, body="Buy my milk")
    moderation.reject(case=tea, by=guide, reason="It sells something")
    moderation.accept(case=milk, by=guide)
    client.force_login(guide)

    assert history(client) == [milk.pk, tea.pk]
    assert history(client, q="my TEA") == [tea.pk]
    assert history(client, q="sells") == [tea.pk]
    assert history(client, q=other_member.username) == [milk.pk]
    assert history(client, act="accept") == [milk.pk]
    assert history(client, act="accept", q="tea") == []
    assert client.get("/studio/queue/history/?act=x").status_code == 404


def test_the_history_goes_on_where_its_page_ended(client, member, guide, topic):
    cases = [hold_reply(topic, member, body=f"Text {n}") for n in range(4)]
    for case in cases:
        moderation.accept(case=case, by=guide)
    client.force_login(guide)
    with mock.patch.object(moderation, "PER_PAGE", 3):
        first = client.get("/studio/queue/history/")
        assert [it.case for it in first.context["rows"]] == cases[:0:-1]
        assert history(client, after=first.context["next"]) == [cases[0].pk]


def test_the_history_shows_nothing_of_where_its_reader_keeps_no_order(
    client, member, guide, operator
):
    closed = make_space("closed", access=Space.Access.JOINED)
    topic = make_topic(make_member("insider"), space=closed)
    case = hold_reply(topic, member)
    moderation.reject(case=case, by=operator, reason="No")
    client.force_login(guide)
    assert history(client) == []
    client.force_login(operator)
    assert history(client) == [case.pk]


# What waits --------------------------------------------------------------------------


def test_a_poll_that_waited_past_its_end_is_open_for_as_long_as_was_meant(
    client, member, guide, space
):
    begun = timezone.now()
    case = hold_poll(space, member, begun + dt.timedelta(days=2))
    late = begun + dt.timedelta(days=3)
    with time_machine.travel(late, tick=False):
        client.force_login(guide)
        page = client.get(f"/studio/queue/{case.pk}/").content.decode()
        assert "The poll was to end on" in page
        moderation.accept(case=case, by=guide)
        case.refresh_from_db()
        poll = case.topic.poll
        meant = late + dt.timedelta(days=2)
        assert abs(poll.closes_at - meant) < dt.timedelta(minutes=1)
        client.force_login(member)
        page = client.get(case.get_absolute_url()).content.decode()
        assert "It is open for as long as was meant" in page


def test_a_poll_that_is_let_through_in_time_ends_when_it_was_meant_to(
    client, member, guide, space
):
    end = timezone.now() + dt.timedelta(days=2)
    case = hold_poll(space, member, end)
    moderation.accept(case=case, by=guide)
    case.refresh_from_db()
    assert case.topic.poll.closes_at == end
    client.force_login(member)
    assert "was to end" not in client.get(case.get_absolute_url()).content.decode()


def test_what_is_let_through_is_posted_in_its_authors_name(member, guide, space):
    case = hold_topic(space, member)
    moderation.accept(case=case, by=guide)

    topic = Topic.objects.get()
    assert (topic.author, topic.title, topic.kind) == (member, "It waits", "question")
    assert news_of(member) == ["held_accepted"]
    with pytest.raises(ClosedAlready):
        moderation.accept(case=case, by=guide)


def test_many_by_one_author_are_let_through_at_once(member, guide, topic):
    cases = [hold_reply(topic, member, f"Number {n}") for n in range(8)]
    many = moderation.decide_each(cases=cases, act=moderation.accept, by=guide)

    assert (many.done, many.left) == (8, 0)
    assert topic.posts.count() == 9


def test_what_was_changed_before_is_told_to_its_author(client, member, guide, topic):
    case = hold_reply(topic, member, "You fool, it is so.")
    moderation.accept(case=case, by=guide, body="It is so.")

    assert topic.posts.get(number=2).body == "It is so."
    client.force_login(member)
    page = client.get(f"/held/{case.pk}/").content.decode()
    assert "You fool, it is so." in page


def test_what_is_not_let_through_cites_a_rule(client, member, guide, topic):
    rule = rules.rules_in_force("en")[0]
    case = hold_reply(topic, member)
    moderation.reject(case=case, by=guide, reason="Too rude.", rule=rule)

    assert topic.posts.count() == 1
    assert news_of(member) == ["held_rejected"]
    client.force_login(member)
    page = client.get(f"/held/{case.pk}/").content.decode()
    assert "Too rude." in page
    assert f'href="/rules/#rule-{rule.number}"' in page
    assert "guide" not in page.lower()


def test_in_a_topic_closed_meanwhile_nothing_is_posted(member, guide, topic):
    case = hold_reply(topic, member)
    discussions.close_topic(topic=topic)

    with pytest.raises(TopicClosed):
        moderation.accept(case=case, by=guide)
    case.refresh_from_db()
    assert case.closed_at is None


def test_a_change_that_is_let_through_takes_the_old_texts_place(member, guide, topic):
    post = make_post(topic, member, body="Before")
    ModerationPolicy.objects.create(mode="all")
    case = posting.change_post(post=post, author=post.author, body="After")
    decision = moderation.accept(case=case, by=guide)
    post.refresh_from_db()
    assert post.body == "After"

    moderation.undo(decision=decision, by=guide)
    post.refresh_from_db()
    assert post.body == "Before"


# Undoing -----------------------------------------------------------------------------


def test_what_was_decided_together_is_undone_together(member, guide, topic):
    cases = [hold_reply(topic, member, f"Number {n}") for n in range(3)]
    many = moderation.decide_each(
        cases=cases, act=moderation.reject, by=guide, reason="Spam."
    )
    assert moderation.undo_all(batch=many.batch, by=guide).done == 3

    assert Case.objects.filter(closed_at=None).count() == 3
    assert set(Decision.objects.values_list("undone_by", flat=True)) == {guide.pk}


def test_letting_through_is_undone_and_done_again(member, guide, space):
    case = hold_topic(space, member)
    decision = moderation.accept(case=case, by=guide, body="Another text")
    moderation.undo(decision=decision, by=guide)
    topic = Topic.objects.get()
    assert topic.hidden_at

    case.refresh_from_db()
    assert case.body == "A text"
    moderation.accept(case=case, by=guide)
    topic.refresh_from_db()
    assert topic.hidden_at is None
    assert Topic.objects.count() == 1
    assert topic.posts.get().body == "A text"


def test_after_an_hour_it_is_too_late(member, guide, topic):
    decision = moderation.reject(
        case=hold_reply(topic, member), by=guide, reason="Spam."
    )
    Decision.objects.update(at=timezone.now() - dt.timedelta(hours=2))

    with pytest.raises(TooLateToUndo):
        moderation.undo(decision=decision, by=guide)


# Claiming ----------------------------------------------------------------------------


def test_what_one_looks_at_is_left_by_others_until_it_ends(member, guide, topic):
    case = hold_reply(topic, member)
    moderation.claim(case=case, by=guide)
    other = make_guide("other")
    with pytest.raises(TakenByOther):
        moderation.reject(case=case, by=other, reason="Spam.")

    Case.objects.update(claimed_at=timezone.now() - moderation.CLAIM_LASTS)
    moderation.reject(case=case, by=other, reason="Spam.")
    case.refresh_from_db()
    assert case.outcome == "rejected"


# Reports -----------------------------------------------------------------------------


def old_member(name):
    return make_member(name, date_joined=timezone.now() - dt.timedelta(days=90))


def test_a_report_counts_once_and_not_for_ones_own(member, other_member, topic):
    post = make_post(topic, member)
    first = reports.report(post=post, by=other_member, reason="spam")
    assert reports.report(post=post, by=other_member, reason="abuse") == first
    with pytest.raises(OwnWork):
        reports.report(post=post, by=member, reason="spam")


def test_nobody_reports_all_day(member, other_member, topic):
    for _ in range(reports.MOST_A_DAY):
        reports.report(post=make_post(topic, member), by=other_member, reason="spam")
    with pytest.raises(TooManyReports):
        reports.report(post=make_post(topic, member), by=other_member, reason="spam")


def test_enough_reports_hide_a_post_until_somebody_has_looked(member, guide, topic):
    ModerationPolicy.objects.create(reports_hide=2)
    post = make_post(topic, member)
    reports.report(post=post, by=old_member("one"), reason="spam")
    post.refresh_from_db()
    assert post.hidden_at is None

    second = old_member("two")
    reports.report(post=post, by=second, reason="spam")
    post.refresh_from_db()
    assert post.hidden_at

    moderation.accept(case=Case.objects.get(), by=guide)
    post.refresh_from_db()
    assert post.hidden_at is None
    assert news_of(second) == ["report_decided"]
    assert news_of(member) == []


def test_who_was_wrong_before_counts_less_and_who_was_right_more(guide, member, topic):
    liar, friend = old_member("liar"), old_member("friend")
    assert reports.weight_of(liar) == 1
    for _ in range(2):
        reports.report(post=make_post(topic, member), by=liar, reason="spam")
        moderation.accept(case=Case.objects.get(closed_at=None), by=guide)
        reports.report(post=make_post(topic, member), by=friend, reason="spam")
        moderation.reject(
            case=Case.objects.get(closed_at=None), by=guide, reason="Spam."
        )

    assert reports.weight_of(liar) == 0.5
    assert reports.weight_of(friend) == 1.5
    assert reports.weight_of(make_member("fresh")) == 0.5


def test_what_is_hidden_is_told_to_its_author_and_stands_in_the_chain(
    client, member, guide, topic
):
    post = make_post(topic, member)
    reports.report(post=post, by=old_member("one"), reason="spam", words="An advert")
    case = Case.objects.get()
    client.force_login(member)
    assert client.get(f"/held/{case.pk}/").status_code == 404

    moderation.reject(case=case, by=guide, reason="Advertising.")
    post.refresh_from_db()
    assert post.hidden_reason == "Advertising."
    assert news_of(member) == ["post_hidden"]
    assert AuditRecord.objects.filter(act="hid a post", actor=guide).exists()
    page = client.get(f"/held/{case.pk}/").content.decode()
    assert "Advertising." in page
    assert "An advert" not in page


def test_an_operator_hides_and_shows_without_a_report(member, operator, topic):
    rule = rules.rules_in_force("en")[2]
    opening = topic.posts.get(number=1)
    assert moderation.hide_post(post=opening, by=operator, reason="Spam.", rule=rule)
    topic.refresh_from_db()
    assert topic.hidden_at
    assert Decision.objects.get().rule == rule

    opening = topic.posts.get(number=1)
    assert not moderation.hide_post(post=opening, by=operator, reason="Spam.")
    moderation.show_post(post=opening, by=operator)
    topic.refresh_from_db()
    assert topic.hidden_at is None
    assert Decision.objects.get().undone_by == operator


def test_the_admin_hides_with_a_reason_and_a_rule(client, member, operator, topic):
    client.force_login(operator)
    post = make_post(topic, member)
    rule = rules.rules_in_force("en")[0]
    url = "/admin/content/post/"
    sent = {"action": "hide", "_selected_action": post.pk}
    page = client.post(url, sent).content.decode()
    assert str(rule) in page

    client.post(url, sent | {"asked": "1", "reason": "Rude.", "rule": rule.pk})
    post.refresh_from_db()
    assert post.hidden_at
    assert Decision.objects.get().rule == rule


def test_news_lead_only_to_ones_own(member, other_member, topic):
    case = hold_reply(topic, member)
    report = reports.report(post=topic.posts.get(), by=other_member, reason="spam")

    assert held.shown_to(member, [case.pk]) == {
        case.pk: (topic.title, f"/held/{case.pk}/")
    }
    assert held.shown_to(other_member, [case.pk]) == {}
    assert reports.shown_to(other_member, [report.pk]) == {
        report.pk: (topic.title, "/reports/")
    }
    discussions.hide_topic(topic=topic, reason="")
    assert reports.shown_to(other_member, [report.pk]) == {
        report.pk: ("…", "/reports/")
    }


# The pages ---------------------------------------------------------------------------


def test_the_queue_shows_what_one_may_read_and_nothing_of_ones_own(
    client, member, guide, space
):
    inner = make_space("inner", access=Space.Access.JOINED)
    join_space(space=inner, member=member)
    hold_topic(space, member, "In the open")
    hold_topic(inner, member, "Among us")
    Case.objects.create(what="topic", author=guide, space=space, arguments={})

    client.force_login(guide)
    page = client.get("/studio/queue/").content.decode()
    assert "In the open" in page
    assert "Among us" not in page
    assert page.count('name="cases"') == 1

    join_space(space=inner, member=guide)
    assert "Among us" in client.get("/studio/queue/").content.decode()


@pytest.mark.parametrize("role", ["mentor", "volunteer"])
def test_the_guides_of_a_space_see_its_cases_and_no_others(client, member, space, role):
    other = make_space("other")
    mine, theirs = hold_topic(space, member, "Mine"), hold_topic(other, member, "Other")
    moved = hold_reply(make_topic(member, space=space, title="Moved"), member)
    Topic.objects.filter(pk=moved.topic_id).update(space=other)
    item = make_item(author=member)
    Case.objects.create(what="topic", author=member, item=item, arguments={})
    own = make_member("own")
    give_place_role(space=space, member=own, role=role, by=own)
    client.force_login(own)

    page = client.get("/studio/queue/").content.decode()
    assert page.count('name="cases"') == 1
    assert "Mine" in page
    assert "/studio/queue/" in client.get("/studio/").content.decode()
    assert client.get(f"/studio/queue/{theirs.pk}/").status_code == 404
    assert client.get(f"/studio/queue/{moved.pk}/").status_code == 404
    chosen = {"act": "accept", "cases": [mine.pk, theirs.pk]}
    client.post("/studio/queue/decide/", chosen)
    closed = Case.objects.exclude(closed_at=None).values_list("pk", flat=True)
    assert list(closed) == [mine.pk]

    leave_space(space=space, member=own)
    assert client.get("/studio/queue/").status_code == 403


def test_a_suspended_guide_of_a_space_keeps_no_order(client, space):
    own = make_member("own", suspended_at=timezone.now())
    give_place_role(space=space, member=own, role="mentor", by=own)
    client.force_login(own)

    assert client.get("/studio/queue/").status_code == 403
    assert client.get("/studio/queue/heat/").status_code == 403


def test_the_guides_of_a_space_see_the_heat_of_its_talk_only(client, member, space):
    for place, title in ((space, "Heat here"), (make_space("other"), "Heat there")):
        topic = make_topic(member, space=place, title=title)
        TopicHeat.objects.create(topic=topic, heat=0.9, parts={}, proposal="word")
    own = make_member("own")
    give_place_role(space=space, member=own, role="volunteer", by=own)
    client.force_login(own)

    page = client.get("/studio/queue/heat/").content.decode()
    assert "Heat here" in page
    assert "Heat there" not in page


def test_the_queue_costs_no_more_for_many_and_goes_on_where_it_ended(
    client, member, guide, space, django_assert_max_num_queries
):
    Case.objects.bulk_create(
        Case(
            what="topic",
            author=member,
            space=space,
            arguments={"title": f"Title {n:02}.", "body": "A text"},
            created_at=timezone.now() + dt.timedelta(seconds=n),
        )
        for n in range(35)
    )
    client.force_login(guide)
    client.get("/studio/queue/")
    with django_assert_max_num_queries(14):
        page = client.get("/studio/queue/")
    assert "Title 29." in page.content.decode()
    assert "Title 30." not in page.content.decode()

    rest = client.get("/studio/queue/", {"after": page.context["next"]})
    assert "Title 29." not in rest.content.decode()
    assert "Title 34." in rest.content.decode()


def test_several_are_decided_on_the_page_and_undone(client, member, guide, topic):
    first, second = (hold_reply(topic, member, text) for text in ("One", "Two"))
    client.force_login(guide)
    sent = {"cases": [first.pk, second.pk], "act": "reject", "reason": ""}
    page = client.post("/studio/queue/decide/", sent)
    assert page.status_code == 422
    assert page.content.decode().count(" checked") == 2

    answer = client.post("/studio/queue/decide/", sent | {"reason": "Spam."})
    assert Case.objects.filter(outcome="rejected").count() == 2
    batch = answer.url.partition("undo=")[2]
    assert batch in client.get(answer.url).content.decode()

    client.post("/studio/queue/undo/", {"undo": batch})
    assert Case.objects.filter(closed_at=None).count() == 2


def test_one_is_decided_on_its_page(client, member, guide, topic):
    case = hold_reply(topic, member, "One")
    client.force_login(guide)
    assert "One" in client.get(f"/studio/queue/{case.pk}/").content.decode()
    client.post(f"/studio/queue/{case.pk}/claim/")
    client.post(f"/studio/queue/{case.pk}/", {"act": "accept", "body": "One!"})

    assert topic.posts.get(number=2).body == "One!"


def test_a_member_reports_and_reads_what_came_of_it(client, member, guide, topic):
    client.force_login(member)
    post = topic.posts.get(number=1)
    page = client.get(f"/posts/{post.pk}/more/").content.decode()
    assert f"/posts/{post.pk}/report/" in page

    assert client.post(f"/posts/{post.pk}/report/", {"words": "?"}).status_code == 422
    client.post(f"/posts/{post.pk}/report/", {"reason": "spam", "words": "An ad."})
    assert "An ad." in client.get("/reports/").content.decode()

    moderation.reject(case=Case.objects.get(), by=guide, reason="Spam.")
    page = client.get("/reports/").content.decode()
    assert "It was hidden. Thank you!" in page
    assert topic.title not in page
    assert Notification.objects.filter(member=member).exists()


# Leaving -----------------------------------------------------------------------------


def test_with_the_account_goes_what_waited_and_the_name_of_who_reported(
    member, other_member, topic
):
    waiting = hold_reply(topic, member, "My secret")
    post = make_post(topic, other_member)
    reports.report(post=post, by=member, reason="spam", words="By my neighbour")
    copy = json.dumps(privacy.HANDLER.export(member), default=str)
    assert "My secret" in copy
    assert "By my neighbour" in copy

    privacy.HANDLER.erase(member)
    waiting.refresh_from_db()
    assert (waiting.outcome, waiting.arguments) == ("withdrawn", {})
    report = post.reports.get()
    assert (report.member, report.words) == (None, "")


# At the same time --------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_who_decide_at_once_take_turns_and_the_second_finds_it_closed():
    ModerationPolicy.objects.create(mode="all")
    topic = make_topic(make_member("asker"), space=make_space("circle"))
    case = posting.post_reply(topic=topic, author=make_member("writer"), body="Once")
    one, other = make_guide("one"), make_guide("other")

    def decide():
        try:
            return moderation.accept(case=case, by=other)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            moderation.accept(case=case, by=one)
            second = pool.submit(decide)
            with pytest.raises(TimeoutError):
                second.result(timeout=0.3)
        with pytest.raises(ClosedAlready):
            second.result(timeout=5)
    assert topic.posts.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_reports_at_once_are_of_one_case():
    topic = make_topic(make_member("asker"), space=make_space("circle"))
    post = topic.posts.get()
    one, other = old_member("one"), old_member("other")

    def report():
        try:
            return reports.report(post=post, by=other, reason="spam")
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            reports.report(post=post, by=one, reason="spam")
            second = pool.submit(report)
            with pytest.raises(TimeoutError):
                second.result(timeout=0.3)
        second.result(timeout=5)
    assert Case.objects.get().weight == 2


@pytest.mark.django_db(transaction=True)
def test_a_report_that_waited_for_a_decision_opens_a_case_of_its_own():
    topic = make_topic(make_member("asker"), space=make_space("circle"))
    post = topic.posts.get()
    one, other, guide = old_member("one"), old_member("other"), make_guide("guide")
    first = reports.report(post=post, by=one, reason="spam").case

    def report():
        try:
            return reports.report(post=post, by=other, reason="spam")
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            moderation.accept(case=first, by=guide)
            second = pool.submit(report)
            with pytest.raises(TimeoutError):
                second.result(timeout=0.3)
        case = second.result(timeout=5).case
    assert case != first
    assert case.closed_at is None


@pytest.mark.django_db(transaction=True)
def test_who_edits_a_reported_post_waits_for_its_case_before_its_topic():
    WatchedWord.objects.create(word="casino", effect="flag")
    author = old_member("author")
    topic = make_topic(author, space=make_space("circle"))
    post = topic.posts.get()
    reports.report(post=post, by=old_member("one"), reason="spam")

    def edit():
        try:
            return posting.change_post(post=post, author=author, body="A casino")
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            reports.case_of(post)
            second = pool.submit(edit)
            with pytest.raises(TimeoutError):
                second.result(timeout=0.3)
            discussions.hide_topic(topic=topic, reason="")  # as enough reports do
        second.result(timeout=5)
    assert Case.objects.get().reports.filter(reason="word").exists()


def test_the_muted_do_not_post_what_was_held_by_wording_it_anew(topic, client):
    author = make_member("loud")
    case = hold_reply(topic, author)
    author.muted_until = timezone.now() + dt.timedelta(days=1)
    author.save()
    client.force_login(author)

    answer = client.post(f"/held/{case.pk}/", {"body": "clean"})
    assert answer.status_code == 403
    assert not topic.posts.filter(author=author).exists()


def test_many_words_are_watched_at_once_and_tried_on_a_text(client, operator):
    WatchedWord.objects.create(word="WeChat", effect="flag")
    client.force_login(operator)
    desk = "/admin/content/watchedword"
    assert f"{desk}/many/" in client.get(f"{desk}/").content.decode()
    sent = {"words": "wechat\n 加微信 \n\nbuy  now\n加微信", "effect": "hold"}

    client.post(f"{desk}/many/", sent)
    long = client.post(f"{desk}/many/", {**sent, "words": "x" * 81})
    tried = client.post(f"{desk}/try/", {"text": "想看的加微信，or WeChat."})
    clean = client.post(f"{desk}/try/", {"text": "Good morning."})

    watched = WatchedWord.objects.order_by("pk").values_list("word", "effect")
    assert list(watched) == [
        *(("WeChat", "flag"), ("加微信", "hold"), ("buy now", "hold")),
    ]
    assert "longer than 80" in long.content.decode()
    assert "加微信: Wait until" in tried.content.decode()
    assert "WeChat: Post it" in tried.content.decode()
    assert "No watched word" in clean.content.decode()
    assert AuditRecord.objects.filter(act="added").count() == 2


def test_the_case_leads_an_operator_to_its_author_and_to_sanctions(
    client, operator, topic
):
    case = reports.case_of(make_post(topic, author=make_member("noisy")))
    client.force_login(operator)
    page = client.get(case_page(case)).content.decode()
    assert 'href="/people/noisy/"' in page
    assert f"/admin/accounts/user/{case.author_id}/sanction/" in page

    client.force_login(make_guide("guide"))
    assert "/sanction/" not in client.get(case_page(case)).content.decode()


def case_page(case):
    return f"/studio/queue/{case.pk}/"
