import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from accounts.models import Activity, Notification, Role, Verb
from accounts.services import experts
from accounts.services.roles import grant_role
from content import privacy
from content.models import AcceptedAnswer, AnswerVote, Topic
from content.services import answers, discussions, search_index
from incentives.services import awarding, points
from tests.factories.accounts import make_member, make_space
from tests.factories.discussions import make_post, make_topic

By = AcceptedAnswer.Role


PAID = [Verb.ANSWER_ACCEPTED, Verb.ANSWER_UNACCEPTED]


def verbs():
    """What is paid for; the asker's own choice is told beside it."""
    told = Activity.objects.filter(verb__in=PAID).order_by("id")
    return list(told.values_list("verb", flat=True))


@pytest.fixture
def mentor():
    mentor = make_member("mentor")
    grant_role(member=mentor, role=Role.MENTOR)
    mentor.refresh_from_db()
    return mentor


@pytest.fixture
def question(member):
    return make_topic(member, kind=Topic.Kind.QUESTION)


@pytest.fixture
def answer(question, other_member):
    return make_post(question, other_member, body="Because.")


def make_expert(name, operator):
    member = make_member(name)
    expert = experts.save_expert(member=member, headline="Teaches", fields=[])
    experts.add_credential(
        expert=expert, what="A degree", issuer="A school", year=2001, document=None
    )
    experts.ask(expert)
    until = timezone.now() + dt.timedelta(days=9)
    experts.verify(expert=expert, until=until, by=operator)
    return member


def test_a_question_has_several_accepted_answers(question, answer, member):
    second = make_post(question, make_member("third"))
    discussions.accept_answer(post=answer, by=member)
    topic = discussions.accept_answer(post=second, by=member)

    assert topic.is_answered
    assert AcceptedAnswer.objects.count() == 2
    topic = discussions.unaccept_answer(post=answer, by=member)
    assert topic.is_answered
    topic = discussions.unaccept_answer(post=second, by=member)
    assert not topic.is_answered


def test_an_answer_marked_by_both_is_accepted_once_and_until_the_last_mark_goes(
    question, answer, member, operator
):
    discussions.accept_answer(post=answer, by=member)
    discussions.accept_answer(post=answer, by=operator, role=By.EXPERT)
    discussions.unaccept_answer(post=answer, by=member)
    assert verbs() == [Verb.ANSWER_ACCEPTED]
    assert awarding.award_recent() == 1
    assert points.pending(answer.author) == 15

    discussions.unaccept_answer(post=answer, by=operator, role=By.EXPERT)
    assert verbs() == [Verb.ANSWER_ACCEPTED, Verb.ANSWER_UNACCEPTED]
    awarding.award_recent()
    assert points.pending(answer.author) == 0


def test_who_answered_is_told_of_each_mark_once(question, answer, member, operator):
    for _ in range(2):
        discussions.accept_answer(post=answer, by=member)
        discussions.accept_answer(post=answer, by=operator, role=By.EXPERT)
        discussions.unaccept_answer(post=answer, by=member)

    told = Notification.objects.filter(member=answer.author)
    kinds = set(told.values_list("kind", flat=True))
    assert kinds == {"answer_accepted", "answer_checked"}
    assert told.count() == 2


def test_an_answer_that_was_hidden_meanwhile_is_not_accepted(
    question, answer, member, operator
):
    discussions.hide_post(post=answer, reason="Advertising", by=operator)
    answer.hidden_at = None  # as somebody saw it before

    assert not discussions.accept_answer(post=answer, by=member).is_answered


@pytest.mark.django_db(transaction=True)
def test_two_who_accept_at_once_leave_one_mark(question, answer, member):
    def accept(_):
        discussions.accept_answer(post=answer, by=member)
        connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(accept, range(2)))

    assert AcceptedAnswer.objects.count() == 1
    assert verbs() == [Verb.ANSWER_ACCEPTED]


def test_the_database_keeps_one_mark_of_a_role(question, answer, member):
    discussions.accept_answer(post=answer, by=member)

    with pytest.raises(IntegrityError, match="answer_accepted_once_per_role"):
        answer.marks.create(role=By.ASKER, by=member)


def test_an_experts_mark_stands_apart_with_the_experts_name(
    client, question, answer, operator
):
    expert = make_expert("knows", operator)
    client.force_login(expert)
    page = client.get(question.get_absolute_url()).content.decode()
    assert "Mark as right" in page
    assert "Accept this answer" not in page

    client.post(f"/posts/{answer.pk}/accept/")

    page = client.get(question.get_absolute_url()).content.decode()
    assert f"Right, says {expert}" in page
    assert "badge--seal" not in page  # nobody says that it helped
    assert "To the accepted answer" in page


def test_a_lapsed_mark_of_an_expert_marks_nothing(client, answer, operator):
    expert = make_expert("knew", operator)
    expert.expert.verified_until = timezone.now()
    expert.expert.decided_at = timezone.now() - dt.timedelta(days=9)
    expert.expert.save()
    client.force_login(expert)

    assert client.post(f"/posts/{answer.pk}/accept/").status_code == 403


def test_nobody_checks_their_own_answer(client, question, operator):
    expert = make_expert("knows", operator)
    own = make_post(question, expert)
    client.force_login(expert)

    assert "Mark as right" not in client.get(question.get_absolute_url()).text
    assert client.post(f"/posts/{own.pk}/accept/").status_code == 403


def test_an_experts_mark_is_taken_back_by_who_gave_it_or_an_operator(
    client, question, answer, operator, mentor
):
    expert = make_expert("knows", operator)
    discussions.accept_answer(post=answer, by=expert, role=By.EXPERT)

    client.force_login(mentor)
    assert "Take back" not in client.get(question.get_absolute_url()).text
    undo = {"undo": "1"}
    assert client.post(f"/posts/{answer.pk}/accept/", undo).status_code == 403
    client.force_login(operator)
    assert "Take back" in client.get(question.get_absolute_url()).text
    client.post(f"/posts/{answer.pk}/accept/", undo)
    assert not AcceptedAnswer.objects.exists()


def test_a_member_has_one_vote_and_may_change_it(question, answer):
    voter = make_member("voter")

    def counts(is_helpful):
        discussions.vote_on_answer(post=answer, by=voter, is_helpful=is_helpful)
        answer.refresh_from_db()
        return answer.helpful_count, answer.unhelpful_count

    assert counts(True) == counts(True) == (1, 0)
    assert counts(False) == (0, 1)
    assert counts(None) == counts(None) == (0, 0)


def test_votes_are_cast_by_a_button_and_never_for_oneself(client, question, answer):
    voter = make_member("voter")
    client.force_login(voter)
    address = f"/posts/{answer.pk}/vote/"
    htmx = {"HX-Request": "true"}
    piece = client.post(address, {"vote": "helpful"}, headers=htmx).text

    assert "1 of 1 found it helpful" in piece
    assert "You found it helpful" in piece
    client.force_login(answer.author)
    assert client.post(address, {"vote": "helpful"}).status_code == 403
    opening = question.posts.get(number=1)
    assert client.post(f"/posts/{opening.pk}/vote/").status_code == 404


def test_the_best_answers_come_first(client, question, member, operator):
    few, many, checked, accepted, unsaid = (
        make_post(question, make_member(name), body=f"It is {name}.")
        for name in ("few", "many", "checked", "accepted", "unsaid")
    )
    voters = [make_member(f"voter{n}") for n in range(9)]
    for voter in voters:
        discussions.vote_on_answer(
            post=many, by=voter, is_helpful=voter is not voters[0]
        )
    discussions.vote_on_answer(post=few, by=voters[0], is_helpful=True)
    discussions.accept_answer(post=checked, by=operator, role=By.EXPERT)
    discussions.accept_answer(post=accepted, by=member)

    order = [accepted, checked, many, few, unsaid]
    assert answers.best(question.pk) == order
    client.force_login(member)
    page = client.get(f"/topics/{question.pk}/best/").text
    places = [page.index(post.body) for post in order]
    assert places == sorted(places)
    assert (
        f"/topics/{question.pk}/best/" in client.get(question.get_absolute_url()).text
    )


def test_an_accepted_answer_is_never_lost_among_very_many(
    question, answer, member, monkeypatch
):
    monkeypatch.setattr(answers, "MOST_WEIGHED", 1)
    late = make_post(question, make_member("late"))
    discussions.accept_answer(post=late, by=member)

    assert answers.best(question.pk) == [late, answer]


@pytest.mark.parametrize(
    ("helpful", "unhelpful", "least"),
    # Wilson's interval as SciPy has it (binomtest(…).proportion_ci).
    [(0, 0, 0), (1, 0, 0.2065), (3, 0, 0.4385), (8, 1, 0.5650), (30, 1, 0.8381)],
)
def test_few_votes_promise_less_than_many(helpful, unhelpful, least):
    found = answers.surely_helpful(helpful, unhelpful)
    assert found == pytest.approx(least, abs=2e-4)


def test_the_unanswered_are_found_by_an_index(question, answer, member):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute("SET LOCAL enable_incremental_sort = off")
        cursor.execute(
            "EXPLAIN SELECT id FROM content_topic AS topic WHERE space_id = 1"
            " AND topic.hidden_at IS NULL AND topic.kind = 'question'"
            " AND NOT topic.is_answered ORDER BY last_post_at DESC, id DESC LIMIT 20"
        )
        plan = " ".join(row[0] for row in cursor.fetchall())
    assert "topic_space_unanswered" in plan


def test_who_goes_takes_their_votes_with_them(question, answer):
    voter = make_member("voter")
    discussions.vote_on_answer(post=answer, by=voter, is_helpful=True)
    assert len(privacy.export(voter)["votes on answers"]) == 1

    privacy.erase(voter)
    answer.refresh_from_db()
    assert answer.helpful_count == 0
    assert not AnswerVote.objects.exists()


def test_the_name_of_who_checked_follows_their_new_name(client, question, answer):
    checker = make_member("checker")
    grant_role(member=checker, role=Role.MENTOR)
    discussions.accept_answer(post=answer, by=checker, role=By.EXPERT)
    client.force_login(make_member("reader"))
    client.get(question.get_absolute_url())
    checker.name = "Somebody Else"
    checker.save()
    discussions.show_author_anew(checker.pk)

    assert "Right, says Somebody Else" in client.get(question.get_absolute_url()).text


def test_search_engines_read_all_accepted_answers(client, member):
    space = make_space("open", access="public")
    question = make_topic(member, kind=Topic.Kind.QUESTION, space=space)
    for name in ("one", "two"):
        post = make_post(question, make_member(name), body=f"Do it like {name}.")
        discussions.accept_answer(post=post, by=member)

    page = client.get(question.get_absolute_url()).text
    assert page.count('"@type": "Answer"') == 2 or page.count('"@type":"Answer"') == 2


def test_similar_questions_appear_while_one_writes_and_without_scripts(client, member):
    space = make_space("open", access="public")
    make_topic(
        member,
        kind=Topic.Kind.QUESTION,
        space=space,
        title="Sharpen a chisel, but how?",
    )
    make_topic(member, space=space, title="My chisel collection")
    inside = make_space("inside", access="joined")
    make_topic(
        member, kind=Topic.Kind.QUESTION, space=inside, title="Secret chisel steel"
    )
    search_index.sweep()
    client.force_login(make_member("asks"))

    asked = {"title": "Sharpening my chisel"}
    found = client.get("/topics/similar/", asked).text
    assert "Sharpen a chisel, but how?" in found
    assert "collection" not in found
    assert "Secret" not in found
    assert client.get("/topics/similar/", {"title": "  "}).text.strip() == ""
    form = asked | {"body": "A long text", "kind": "question", "look": "1"}
    page = client.post("/spaces/open/new/", form).text
    assert "Sharpen a chisel, but how?" in page
    assert "A long text" in page
    form |= {"kind": "poll", "poll-choices": "Oil\nWater"}
    assert "Oil\nWater</textarea>" in client.post("/spaces/open/new/", form).text
    assert Topic.objects.count() == 3


def test_what_was_accepted_before_keeps_who_accepted_it(
    question, answer, member, operator
):
    other = make_topic(member, kind=Topic.Kind.QUESTION, space=question.space)
    checked = make_post(other, answer.author)
    discussions.accept_answer(post=answer, by=member)
    discussions.accept_answer(post=checked, by=operator)
    AcceptedAnswer.objects.all().delete()
    Topic.objects.update(is_answered=False, accepted=[])
    moved = import_module("content.migrations.0037_community")
    numbered = import_module("content.migrations.0038_accepted")
    with connection.cursor() as cursor:
        # The fixtures' rows are checked at their end only, and no table changes before.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE content_topic ADD COLUMN accepted_post_id bigint")
        for topic, post in ((question, answer), (other, checked)):
            cursor.execute(
                "UPDATE content_topic SET accepted_post_id = %s WHERE id = %s",
                [post.pk, topic.pk],
            )
        cursor.execute(moved.KEEP)
        cursor.execute(numbered.KEEP)

    kept = AcceptedAnswer.objects.values_list("post", "role", "by")
    assert set(kept) == {
        (answer.pk, "asker", member.pk),
        (checked.pk, "expert", operator.pk),
    }
    assert Topic.objects.filter(is_answered=True).count() == 2
    assert Topic.objects.get(pk=question.pk).accepted == [answer.number]
