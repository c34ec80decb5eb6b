"""What can be done with a post: reactions, keeping, history, quotes, news."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Activity, Space, Verb
from accounts.services.spaces import join_space, leave_space
from content.errors import ChangedMeanwhile
from content.models import Post, PostRevision, Reaction
from content.services import bookmarks, discussions
from content.services.post_history import edits_of
from tests.factories.accounts import make_member, make_space
from tests.factories.courses import make_item
from tests.factories.discussions import make_post, make_topic

HTMX = {"HX-Request": "true"}
AGREE, FUNNY = Reaction.Kind.AGREE, Reaction.Kind.FUNNY


@pytest.fixture
def space(db):
    return make_space("circle", access=Space.Access.PUBLIC)


@pytest.fixture
def topic(space, member):
    return make_topic(member, space=space, replies=1)


@pytest.fixture
def post(topic):
    return topic.posts.get(number=2)


@pytest.fixture
def reader(client, other_member):
    client.force_login(other_member)
    return client


@pytest.fixture
def author(client, member):
    client.force_login(member)
    return client


# Reactions ------------------------------------------------------------------------


def test_a_reaction_counts_once_a_kind_and_can_be_taken_back(post, other_member):
    for kind in (AGREE, AGREE, FUNNY):
        discussions.react(post=post, kind=kind, by=other_member)
    assert set(post.reactions.values_list("kind", flat=True)) == {AGREE, FUNNY}
    assert Activity.objects.filter(verb=Verb.REACTED).count() == 2

    for _ in range(2):
        discussions.take_back_reaction(post=post, kind=AGREE, by=other_member)
    assert post.reactions.get().kind == FUNNY


def test_the_database_knows_no_second_reaction_of_a_kind(post, member):
    Reaction.objects.create(post=post, member=member, kind=AGREE)
    with pytest.raises(IntegrityError), transaction.atomic():
        Reaction.objects.create(post=post, member=member, kind=AGREE)


def test_a_reaction_changes_only_the_post(reader, post):
    answer = reader.post(f"/posts/{post.pk}/react/", {"kind": "agree"}, headers=HTMX)

    assert answer.content.decode().lstrip().startswith("<article")
    assert "Agreed 1" in answer.content.decode()
    assert "Agreed 1" in reader.get(post.topic.get_absolute_url()).content.decode()
    assert "other" in reader.get(f"/posts/{post.pk}/reactions/").content.decode()

    reader.post(f"/posts/{post.pk}/react/", {"undo": "agree"})
    assert "Agreed 1" not in reader.get(post.topic.get_absolute_url()).content.decode()


def test_more_posts_with_reactions_cost_no_more_queries(reader, topic, other_member):
    url = topic.get_absolute_url()
    reader.get(url)

    def cost():
        discussions.react(post=topic.posts.first(), kind=AGREE, by=other_member)
        discussions.take_back_reaction(
            post=topic.posts.first(), kind=AGREE, by=other_member
        )
        with CaptureQueriesContext(connection) as queries:
            reader.get(url)
        return len(queries)

    few = cost()
    for n in range(10):
        made = make_post(topic, make_member(f"m{n}"))
        discussions.react(post=made, kind=AGREE, by=other_member)
    reader.get(url)
    assert cost() == few


# More -----------------------------------------------------------------------------


def test_more_is_a_page_and_with_htmx_a_part_of_the_post(reader, post):
    url = f"/posts/{post.pk}/more/"
    assert f'href="{url}"' in reader.get(post.topic.get_absolute_url()).content.decode()
    page = reader.get(url).content.decode()
    assert "</html>" in page
    assert f"http://testserver{post.get_absolute_url()}" in page
    part = reader.get(url, headers=HTMX).content.decode()
    assert "</html>" not in part
    assert "Keep for later" in part
    assert part.count(f'hx-post="/posts/{post.pk}/react/"') == 4


def test_nobody_reacts_to_themselves(author, post):
    assert "Reactions" not in author.get(f"/posts/{post.pk}/more/").content.decode()
    assert author.post(f"/posts/{post.pk}/react/", {"kind": "agree"}).status_code == 403


# Keeping --------------------------------------------------------------------------


def test_what_is_kept_is_listed_for_oneself(reader, post, other_member):
    item = make_item("essay", title="On notes")
    for _ in range(2):
        reader.post(f"/posts/{post.pk}/bookmark/")
        reader.post(f"/items/{item.pk}/bookmark/")

    page = reader.get("/bookmarks/").content.decode()
    assert post.get_absolute_url() in page
    assert "On notes" in page
    assert other_member.bookmarks.count() == 2
    reader.post(f"/bookmarks/{other_member.bookmarks.first().pk}/remove/")
    assert other_member.bookmarks.get().post == post
    reader.post(f"/posts/{post.pk}/bookmark/", {"undo": "1"})
    assert other_member.bookmarks.count() == 0


def test_what_may_be_read_no_longer_has_no_words(reader, member, other_member):
    space = make_space("closed", access=Space.Access.JOINED)
    for each in (member, other_member):
        join_space(space=space, member=each)
    topic = make_topic(member, space=space, title="Between us")
    reader.post(f"/posts/{topic.posts.get().pk}/bookmark/")
    assert "Between us" in reader.get("/bookmarks/").content.decode()

    leave_space(space=space, member=other_member)
    page = reader.get("/bookmarks/").content.decode()
    assert "Between us" not in page
    assert "You can no longer open this." in page


def test_the_list_continues_where_it_ended(reader, topic, other_member, monkeypatch):
    monkeypatch.setattr(bookmarks, "PER_PAGE", 2)
    for _ in range(3):
        made = make_post(topic, topic.author)
        bookmarks.keep(member=other_member, post=made)
    first = reader.get("/bookmarks/")
    assert len(first.context["kept"]) == 2
    rest = reader.get(f"/bookmarks/?before={first.context['next']}")
    assert len(rest.context["kept"]) == 1
    assert not rest.context["next"]


# History --------------------------------------------------------------------------


def edit(post, body, **more):
    return discussions.edit_post(post=post, body=body, **more)


def test_every_edit_keeps_the_text_it_replaced(topic):
    post = edit(topic.posts.get(number=1), "Second", title="New title")
    edit(post, "Third")
    edit(post, "Third")

    kept = list(PostRevision.objects.values_list("number", "title", "body"))
    first = "First a *plain* sentence.\n\nThen a second one.\n\nAnd a third."
    assert kept == [(2, "New title", "Second"), (1, "How do you take notes?", first)]


def test_readers_see_what_an_edit_changed(reader, post):
    edit(post, "Other words")
    url = f"/posts/{post.pk}/history/"

    assert f'href="{url}"' in reader.get(post.topic.get_absolute_url()).content.decode()
    page = reader.get(url).content.decode()
    assert "<del>First" in page
    assert "Hide the earlier text" not in page


def test_a_hidden_version_is_gone_for_all_but_operators(client, post, operator):
    for body in ("A secret address", "Nothing"):
        edit(post, body)
    secret = post.revisions.get(body="A secret address")
    client.force_login(operator)
    url = f"/posts/versions/{secret.pk}/hide/"
    asked = client.post(url)
    assert "Are you sure?" in asked.content.decode()
    client.post(url, {"sure": "1"})

    assert "secret" in client.get(f"/posts/{post.pk}/history/").content.decode()
    client.logout()
    assert "secret" not in client.get(f"/posts/{post.pk}/history/").content.decode()
    assert len(edits_of(post, with_hidden=False)) == 1


def test_a_hidden_post_has_no_history(reader, post, operator):
    edit(post, "Other words")
    discussions.hide_post(post=post, reason="", by=operator)
    assert reader.get(f"/posts/{post.pk}/history/").status_code == 404


def test_the_second_of_two_tabs_sees_both_texts(author, post):
    url = f"/posts/{post.pk}/edit/"
    base = author.get(url).context["form"].initial["base"]
    author.post(url, {"body": "From the first tab", "base": base})

    refused = author.post(url, {"body": "From the second tab", "base": base})
    assert refused.status_code == 409
    page = refused.content.decode()
    assert "From the second tab</textarea>" in page
    assert '<pre class="their-text" tabindex="0">From the first tab</pre>' in page

    base = refused.context["form"].initial["base"]
    assert author.post(url, {"body": "Of both", "base": base}).status_code == 302
    post.refresh_from_db()
    assert post.body == "Of both"


def test_of_two_tabs_the_second_keeps_its_file_and_its_link_too(author, topic):
    topic.kind, topic.link = "share", "https://example.org/old"
    topic.save()
    url = f"/posts/{topic.posts.get(number=1).pk}/edit/"
    form = author.get(url).context["form"]
    sent = {"kind": "share", "title": "T", "base": form.initial["base"]}
    sent["link"] = "https://example.org/new"
    author.post(url, sent | {"body": "First"})

    plan = SimpleUploadedFile("plan.pdf", b"%PDF-1.7")
    refused = author.post(url, sent | {"body": "Second", "file": plan})
    assert refused.status_code == 409
    page = refused.content.decode()
    assert "[plan.pdf](/media/posts/" in page
    assert 'value="https://example.org/new"' in page


def test_saying_the_same_in_two_tabs_is_no_conflict(post):
    base = discussions.base_of(post)
    edit(post, "Same", base=base)
    edit(post, "Same", base=base)
    with pytest.raises(ChangedMeanwhile):
        edit(post, "Different", base=base)


def test_who_is_signed_out_gets_the_edited_text_back(client, post):
    words = "Words that nobody wants to type a second time, surely."
    answer = client.post(
        f"/posts/{post.pk}/edit/", {"body": words}, headers={"Accept": "text/html"}
    )
    assert answer.status_code == 401
    assert words in answer.content.decode()


# Quotes ---------------------------------------------------------------------------


def test_a_quote_is_carried_into_another_topic_or_a_new_one(reader, topic, post):
    other = make_topic(topic.author, space=topic.space, title="Elsewhere")
    reader.get(other.get_absolute_url())
    page = reader.get(f"/posts/{post.pk}/quote/").content.decode()
    for url in (
        f"{other.get_absolute_url()}?carry={post.pk}",
        f"/spaces/{topic.space.slug}/new/?carry={post.pk}",
    ):
        assert f'href="{url}' in page
        filled = reader.get(url).content.decode()
        assert f"&gt; [{post.author}]({post.get_absolute_url()}):" in filled
        assert "&gt; First a *plain* sentence." in filled


def test_nobody_carries_what_they_may_not_read(reader, member, topic):
    space = make_space("closed", access=Space.Access.JOINED)
    join_space(space=space, member=member)
    secret = make_topic(member, space=space).posts.get()

    for url in (topic.get_absolute_url(), f"/spaces/{topic.space.slug}/new/"):
        assert reader.get(f"{url}?carry={secret.pk}").status_code == 404


def test_what_was_said_among_members_is_quoted_with_care(client, member):
    topic = make_topic(member, space=make_space("inner"))
    client.force_login(member)
    page = client.get(f"/posts/{topic.posts.get().pk}/quote/").content.decode()
    assert "Not everybody may read where this was written" in page


# What is new ----------------------------------------------------------------------


def news(client, topic, **asked):
    return client.get(f"/topics/{topic.pk}/news/", asked)


def test_an_open_page_asks_what_is_new_after_its_last_post(reader, topic):
    page = reader.get(topic.get_absolute_url()).content.decode()
    assert f'hx-get="/topics/{topic.pk}/news/"' in page
    assert '<input type="hidden" name="after" value="2">' in page
    assert news(reader, topic, after=2).status_code == 204

    make_post(topic, topic.author)
    answer = news(reader, topic, after=2)
    assert "1 new reply" in answer.content.decode()
    assert topic.url_of(3) in answer.content.decode()
    assert news(reader, topic, after=2, told=3).status_code == 204


def test_an_earlier_page_asks_for_nothing(reader, topic):
    for _ in range(20):
        make_post(topic, topic.author)
    assert 'id="news"' not in reader.get(topic.get_absolute_url()).content.decode()
    last = reader.get(f"{topic.get_absolute_url()}?page=2").content.decode()
    assert 'id="news"' in last


def test_nothing_new_costs_one_statement_besides_signing_in(reader, topic):
    news(reader, topic, after=2)
    with CaptureQueriesContext(connection) as queries:
        assert news(reader, topic, after=2).status_code == 204
    of_topics = [it["sql"] for it in queries if "EXECUTE" in it["sql"]]
    assert len(of_topics) <= 2
    assert len(queries) <= 3


def test_a_visitor_is_not_told_and_stops_asking(client, topic):
    assert 'id="news"' not in client.get(topic.get_absolute_url()).content.decode()
    assert news(client, topic, after=1).status_code == 401


def test_posts_of_one_page_are_unchanged_for_visitors(client, topic):
    html = client.get(topic.get_absolute_url()).content.decode()
    assert "/more/" not in html
    assert Post.objects.count() == 2
