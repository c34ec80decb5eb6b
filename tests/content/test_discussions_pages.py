import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Space
from accounts.services.profiles import save_profile
from accounts.services.spaces import join_space
from content.models import Post, ReadMarker, Topic
from content.services import discussions, writing
from tests.factories.accounts import make_member, make_space
from tests.factories.courses import make_course
from tests.factories.discussions import make_post, make_topic


@pytest.fixture
def space(db):
    return make_space("circle", access=Space.Access.PUBLIC, goal="Reading together")


@pytest.fixture
def question(space, member):
    return make_topic(member, kind="question", space=space, replies=1)


@pytest.fixture
def asker(client, member):
    client.force_login(member)
    return client


@pytest.fixture
def reader(client, other_member):
    client.force_login(other_member)
    return client


def queries_of(client, url):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(url).status_code == 200
    return [query["sql"] for query in queries]


HTMX = {"HX-Request": "true", "HX-Target": "talk"}


# Reading ------------------------------------------------------------------------


def test_talk_names_its_author_anew_when_they_change_their_name(
    reader, member, question, django_capture_on_commit_callbacks
):
    url = question.get_absolute_url()
    assert "Somebody Else" not in reader.get(url).text

    member.name = "Somebody Else"
    with django_capture_on_commit_callbacks(execute=True):
        save_profile(member=member, picture=None, remove_picture=False)

    assert "Somebody Else" in reader.get(url).text


def test_a_profile_that_looks_the_same_leaves_talk_as_it_was_kept(
    member, question, django_capture_on_commit_callbacks
):
    before = Topic.objects.get(pk=question.pk).revision
    member.about = "I read."

    with django_capture_on_commit_callbacks(execute=True):
        save_profile(member=member, picture=None, remove_picture=False)

    assert Topic.objects.get(pk=question.pk).revision == before


def test_an_address_names_the_page_and_the_post(question):
    url = f"/topics/{question.pk}-how-do-you-take-notes/"
    assert question.get_absolute_url() == url
    assert question.url_of(22) == f"{url}?page=2#post-22"


def test_a_visitor_reads_public_talk_and_is_asked_in_to_reply(client, question):
    page = client.get(question.get_absolute_url()).content.decode()

    assert 'id="post-2"' in page
    assert "csrfmiddlewaretoken" not in page
    assert "/accounts/login/?next=" in page


def test_what_is_kept_for_visitors_shows_every_change_at_once(client, question):
    url = question.get_absolute_url()
    client.get(url)
    discussions.edit_post(post=question.posts.first(), body="Quite other words")

    assert "Quite other words" in client.get(url).content.decode()


def test_the_second_visitor_gets_the_page_kept_for_the_first(client, question):
    first = client.get(question.get_absolute_url())
    Post.objects.update(body_html="changed behind its back")

    assert client.get(question.get_absolute_url()).content == first.content


def test_a_visitor_is_asked_to_sign_in_for_members_talk(client, member):
    topic = make_topic(member, space=make_space("inner"))

    answer = client.get(topic.get_absolute_url())
    assert answer.status_code == 302
    assert answer.url.startswith("/accounts/login/?next=/topics/")


def test_a_page_that_is_not_there_is_not_there(client, question):
    for page in ("2", "0", "x", "-1"):
        assert (
            client.get(f"{question.get_absolute_url()}?page={page}").status_code == 404
        )


def test_htmx_gets_the_posts_without_the_frame(asker, question):
    make_topic_long(question)
    headers = HTMX | {"HX-Target": "posts"}
    page = asker.get(f"{question.get_absolute_url()}?page=2", headers=headers)

    html = page.content.decode()
    assert html.lstrip().startswith('<div id="posts"')
    assert "<textarea" not in html
    assert 'id="post-22"' in html
    assert "</html>" not in html


def make_topic_long(topic):
    for _ in range(25):
        make_post(topic, topic.author)


def test_reading_is_remembered_and_leads_to_the_first_unread(reader, question):
    reader.get(question.get_absolute_url())
    assert ReadMarker.objects.get().last_number == 2
    make_topic_long(question)

    html = reader.get(question.get_absolute_url()).content.decode()
    assert html.index("New since your last visit") < html.index('id="post-3"')

    answer = reader.get(f"/topics/{question.pk}/unread/")
    assert answer.url == question.url_of(22)


# Writing ------------------------------------------------------------------------


def test_a_reply_without_javascript_leads_to_it(reader, question):
    answer = reader.post(f"/topics/{question.pk}/reply/", {"body": "Like *this*."})

    assert answer.status_code == 302
    assert answer.url == question.url_of(3)


def test_a_reply_by_htmx_shows_the_posts_with_an_empty_form(reader, question):
    answer = reader.post(
        f"/topics/{question.pk}/reply/", {"body": "Like *this*."}, headers=HTMX
    )

    html = answer.content.decode()
    assert "<em>this</em>" in html
    assert ">Like *this*.</textarea>" not in html
    assert answer["HX-Push-Url"] == question.url_of(3)


def test_a_refused_reply_keeps_the_text(reader, question):
    discussions.close_topic(topic=question)
    Post.objects.update(created_at=timezone.now() - dt.timedelta(hours=1))
    answer = reader.post(f"/topics/{question.pk}/reply/", {"body": ""})
    assert answer.status_code == 422

    discussions.reopen_topic(topic=question)
    for n in range(discussions.POSTS_PER_MINUTE):
        reader.post(f"/topics/{question.pk}/reply/", {"body": f"Reply {n}"})
    answer = reader.post(f"/topics/{question.pk}/reply/", {"body": "Precious words"})

    assert answer.status_code == 422
    assert ">Precious words</textarea>" in answer.content.decode()
    assert "Please wait a minute" in answer.content.decode()


def test_after_signing_in_again_one_is_back_at_the_topic(client, question, member):
    url, topic = f"/topics/{question.pk}/reply/", question.get_absolute_url()
    asked_in = client.post(
        url,
        {"body": "Written while the session ended"},
        headers={"Referer": f"http://testserver{topic}"},
    )
    assert asked_in.url == f"/accounts/login/?next={topic}"

    client.force_login(member)
    assert client.get(url).url == f"{question.get_absolute_url()}#reply"
    page = client.get(question.get_absolute_url()).content.decode()
    assert f'data-draft="topic-{question.pk}-reply"' in page


def test_a_quote_is_a_link(reader, question):
    page = reader.get(f"{question.get_absolute_url()}?quote=1").content.decode()

    assert "&gt; First a *plain* sentence." in page
    assert 'name="reply_to" value="1"' in page


def test_thanks_change_only_the_post(reader, question):
    post = question.posts.get(number=2)
    answer = reader.post(f"/posts/{post.pk}/like/", headers={"HX-Request": "true"})

    html = answer.content.decode()
    assert html.lstrip().startswith("<article")
    assert 'aria-pressed="true"' in html
    reader.post(f"/posts/{post.pk}/like/", {"undo": "1"})
    post.refresh_from_db()
    assert post.like_count == 0


def test_the_asker_accepts_and_everyone_sees_it(asker, question, other_member):
    post = make_post(question, other_member)
    asker.post(f"/posts/{post.pk}/accept/")

    asker.logout()
    page = asker.get(question.get_absolute_url()).content.decode()
    assert "Accepted answer" in page
    assert "To the accepted answer" in page


def test_only_authors_edit(reader, asker_post_url):
    assert reader.get(asker_post_url).status_code == 403


@pytest.fixture
def asker_post_url(question):
    return f"/posts/{question.posts.first().pk}/edit/"


def test_an_author_edits_title_and_text(asker, question, asker_post_url):
    refused = asker.post(asker_post_url, {"title": "", "body": "Kept"})
    assert refused.status_code == 422
    assert "Kept</textarea>" in refused.content.decode()

    asker.post(asker_post_url, {"title": "Better", "body": "Clearer"})
    question.refresh_from_db()
    assert question.title == "Better"


def test_a_suspended_member_reads_but_does_not_write(client, question):
    quiet = make_member("quiet", suspended_at=timezone.now())
    client.force_login(quiet)

    assert client.get(question.get_absolute_url()).status_code == 200
    url = f"/topics/{question.pk}/reply/"
    assert client.post(url, {"body": "Still"}).status_code == 403


def test_guides_close_and_others_do_not(client, question, other_member, operator):
    url = f"/topics/{question.pk}/close/"
    client.force_login(other_member)
    assert client.post(url).status_code == 403

    client.force_login(operator)
    assert client.post(url).status_code == 302
    question.refresh_from_db()
    assert question.closed_at


# Spaces -------------------------------------------------------------------------


def test_a_topic_is_started_in_a_space(reader, space):
    url = f"/spaces/{space.slug}/new/"
    assert reader.get(url).status_code == 200
    assert reader.post(url, {"title": "", "body": "b"}).status_code == 422

    answer = reader.post(url, {"kind": "question", "title": "Why?", "body": "So."})
    assert answer.url == Topic.objects.get().get_absolute_url()


def test_a_list_continues_where_it_ended(reader, space, other_member):
    for n in range(25):
        make_topic(other_member, space=space, title=f"Topic number {n}.")
    first = reader.get(f"/spaces/{space.slug}/")
    html = first.content.decode()
    assert html.count('class="row"') == 20
    assert html.index("number 24.") < html.index("number 5.")

    after = first.context["next"]
    second = reader.get(f"/spaces/{space.slug}/?after={after}").content.decode()
    assert second.count('class="row"') == 5
    assert "number 4." in second


def test_unanswered_shows_questions_without_an_accepted_answer(
    reader, space, member, question
):
    make_topic(member, space=space, title="A mere remark")
    done = make_topic(member, space=space, kind="question", title="Solved", replies=1)
    discussions.accept_answer(post=done.posts.get(number=2), by=member)

    html = reader.get(f"/spaces/{space.slug}/?show=unanswered").content.decode()
    assert question.title in html
    assert "A mere remark" not in html
    assert "Solved" not in html


def test_topics_with_news_say_so(reader, space, member, question):
    url = f"/spaces/{space.slug}/"
    reader.get(question.get_absolute_url())
    assert f"/topics/{question.pk}/unread/" not in reader.get(url).content.decode()

    make_post(question, member)
    assert f"/topics/{question.pk}/unread/" in reader.get(url).content.decode()


def test_joining_and_leaving(reader, space, other_member):
    for _ in range(2):
        reader.post(f"/spaces/{space.slug}/join/")
    assert space.members.get().left_at is None
    reader.post(f"/spaces/{space.slug}/leave/")
    assert space.members.get().left_at is not None


# Speed --------------------------------------------------------------------------


@pytest.mark.parametrize("signed_in", [True, False])
def test_statements_do_not_grow_and_stay_within_six(
    client, member, space, question, signed_in
):
    urls = [question.get_absolute_url(), f"/spaces/{space.slug}/", "/spaces/"]
    if signed_in:
        client.force_login(member)

    def count():
        for url in urls:
            client.get(url)
        return [len(queries_of(client, url)) for url in urls]

    few = count()
    for n in range(15):
        make_post(question, make_member(f"m{n}"))
        make_topic(member, space=space, title=f"{n}")
        make_space(f"s{n}", access=Space.Access.PUBLIC)
    assert count() == few
    assert max(few) <= 6


def test_the_block_of_posts_is_rendered_with_as_many_queries_for_more_posts(
    client, space, member, question
):
    url = question.get_absolute_url()
    other = make_topic(member, space=space, title="Read before")
    client.get(other.get_absolute_url())
    few = len(queries_of(client, url))
    for n in range(15):
        make_post(question, make_member(f"m{n}"))

    assert len(queries_of(client, url)) == few


def test_outsiders_find_private_talk_nowhere(client, member, other_member):
    space = make_space("closed", access=Space.Access.JOINED)
    join_space(space=space, member=member)
    topic = make_topic(member, space=space, title="Between us")
    post = topic.posts.first()
    addresses = [
        topic.get_absolute_url(),
        f"/topics/{topic.pk}/unread/",
        f"/topics/{topic.pk}/reply/",
        f"/posts/{post.pk}/edit/",
        f"/spaces/{space.slug}/",
        f"/spaces/{space.slug}/new/",
    ]
    client.force_login(other_member)
    assert [client.get(url).status_code for url in addresses] == [404] * 6
    for action in (f"/posts/{post.pk}/like/", f"/posts/{post.pk}/accept/"):
        assert client.post(action).status_code == 404
    assert client.post(f"/spaces/{space.slug}/join/").status_code == 404
    assert "closed" not in client.get("/spaces/").content.decode()
    assert topic not in Topic.objects.visible_to(other_member)

    client.force_login(member)
    assert client.get(topic.get_absolute_url()).status_code == 200


# About one lesson -----------------------------------------------------------------


@pytest.fixture
def lesson(db):
    return (
        make_course("course", lessons=2, access="free").sections.get().lessons.first()
    )


def ask_about(client, lesson, title="What is a residual?"):
    client.post(
        f"/lessons/{lesson.pk}/discussion/new/",
        {"kind": "question", "title": title, "body": "I do not see it."},
    )
    return Topic.objects.get(title=title)


def test_a_question_about_a_lesson_stands_under_the_lesson_and_its_course(
    asker, lesson
):
    topic = ask_about(asker, lesson)

    assert (topic.lesson, topic.item) == (lesson, lesson.section.item)
    for place in (f"/lessons/{lesson.pk}", topic.item.get_absolute_url()[:-1]):
        assert topic.title in asker.get(f"{place}/discussion/").content.decode()


def test_another_lesson_does_not_show_it(asker, lesson):
    topic = ask_about(asker, lesson)
    other = lesson.section.lessons.last()

    assert topic.title not in asker.get(f"/lessons/{other.pk}/discussion/").text
    assert "about this" not in asker.get(f"/lessons/{other.pk}/").text.replace(
        "Ask about this", ""
    )


def test_the_lesson_counts_its_talk_and_the_talk_leads_back(asker, lesson):
    topic = ask_about(asker, lesson)

    assert "1 topic about this" in asker.get(f"/lessons/{lesson.pk}/").text
    assert f'href="/lessons/{lesson.pk}/"' in asker.get(topic.get_absolute_url()).text
    discussions.hide_topic(topic=topic, reason="spam")
    assert "1 topic about this" not in asker.get(f"/lessons/{lesson.pk}/").text


def test_the_talk_outlives_its_lesson(asker, lesson):
    topic = ask_about(asker, lesson)

    writing.remove_lesson(lesson=lesson)

    topic.refresh_from_db()
    assert (topic.lesson, topic.item.slug) == (None, "course")


def test_the_talk_of_a_lesson_is_found_by_index(asker, lesson):
    ask_about(asker, lesson)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = lesson.topics.filter(hidden_at=None).order_by("-last_post_at", "-pk")
        assert "topic_lesson_latest" in plan.explain()


def test_no_talk_is_of_a_lesson_and_not_of_its_course(lesson, space, member):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_topic(member, space=space, lesson=lesson)
