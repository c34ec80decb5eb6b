import pytest

from accounts.models import Notification, Space
from accounts.services.spaces import join_space
from content.models import Post
from content.services import discussions, rendering
from tests.factories.accounts import make_member, make_space
from tests.factories.discussions import make_topic

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna():
    return make_member("Anna")


@pytest.fixture
def topic(member, anna):
    return make_topic(member)


def say(topic, body, author=None):
    return discussions.reply(topic=topic, author=author or topic.author, body=body)


def told():
    return set(Notification.objects.values_list("member__username", flat=True))


@pytest.mark.parametrize(
    "body",
    ["@anna", "Hello @Anna.", "(@anna)", "你好@anna，早", "@anna你好", "**@anna**"],
)
def test_a_handle_becomes_a_link_and_is_told(topic, anna, body):
    post = say(topic, body)

    assert f'href="{anna.get_absolute_url()}"' in post.body_html
    news = Notification.objects.get()
    assert (news.member, news.kind) == (anna, Notification.Kind.MENTIONED)
    assert (news.target_kind, news.target_id) == ("post", post.pk)


@pytest.mark.parametrize(
    "body",
    [
        *("`@anna`", "```\n@anna\n```", "mail@anna", "[@anna](https://a.example)"),
        *("https://a.example/@anna", r"\@anna", "@annabel", "@nobody", "anna"),
    ],
)
def test_code_links_and_addresses_name_nobody(topic, body):
    post = say(topic, body)

    assert "/people/" not in post.body_html
    assert told() == set()


def test_a_chinese_handle_ends_where_its_words_begin(topic):
    make_member("张三")
    make_member("张三丰")

    html = say(topic, "@张三丰你好 @张三好").body_html
    assert html.count("<a ") == 2
    assert ">@张三丰</a>你好" in html
    assert ">@张三</a>好" in html


def test_a_quote_links_and_calls_nobody_again(topic):
    post = say(topic, "> @anna said so\n\nYes.")

    assert "/people/" in post.body_html
    assert told() == set()


def test_an_edit_tells_only_who_was_not_named_before(topic):
    make_member("bert")
    post = say(topic, "@anna")
    Notification.objects.update(read_at=post.created_at)
    discussions.edit_post(post=post, body="@anna and @bert")

    assert told() == {"Anna", "bert"}
    assert Notification.objects.filter(read_at=None).count() == 1


def test_only_who_may_read_it_is_told(member, anna):
    space = make_space("closed", access=Space.Access.JOINED)
    inside = make_member("inside")
    for each in (member, inside):
        join_space(space=space, member=each)
    say(make_topic(member, space=space), "@anna @inside")

    assert told() == {"inside"}


def test_nobody_is_told_of_themselves(topic, anna):
    say(topic, "I, @anna", author=anna)
    assert told() == set()


def test_a_post_calls_no_crowd(topic):
    for number in range(12):
        make_member(f"m{number}")
    post = say(topic, " ".join(f"@m{number}" for number in range(12)))

    assert len(told()) == 10
    assert post.body_html.count("<a ") == 10


def test_an_opening_post_names_people_too(member, anna):
    discussions.start_topic(
        author=member, kind="question", title="Why?", body="@anna", space=make_space()
    )
    assert told() == {"Anna"}


def test_rendering_anew_keeps_the_links(topic):
    post = say(topic, "@anna")
    Post.objects.filter(pk=post.pk).update(body_html="<p>old</p>")
    rendering.render_old()

    post.refresh_from_db()
    assert "/people/Anna/" in post.body_html
    assert told() == {"Anna"}


def test_who_takes_part_is_suggested_by_handle_or_name(client, topic, anna, member):
    say(topic, "Hello", author=anna)
    make_member("annabel")
    client.force_login(member)

    def suggested(words):
        found = client.get(f"/topics/{topic.pk}/people/", {"q": words}).json()
        return [it["handle"] for it in found["people"]]

    assert suggested("ann") == ["Anna"]
    assert suggested(member.username) == []
    assert suggested("") == []
