"""Tags: what is proposed, decided, meant, followed and merged."""

from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from taggit.models import Tag

from accounts.models import AuditRecord, Interest
from accounts.services import interests
from content.errors import TooManyTags
from content.models import Item, SearchDocument, SearchWord, TagRefusal, TagSynonym
from content.services import search_index, tags, writing
from content.services.library import Asked, filtered
from tests.factories.accounts import make_member
from tests.factories.courses import make_course, make_item, make_lesson

pytestmark = pytest.mark.django_db

# What a reader would call each text; the first proposals should find most of it.
LABELLED = [
    (
        "复利的力量",
        "复利是指把利息再投资。投资者坚持长期投资，复利会让资产增长。基金定投适合长期投资。",
        {"复利", "投资", "长期投资", "资产", "利息"},
    ),
    (
        "写好一封邮件",
        "邮件的第一句话要写结论。读者打开邮件只看三秒，标题和结论决定邮件有没有人读。写作是修改。",
        {"邮件", "结论", "读者", "写作", "标题"},
    ),
    (
        "用户访谈怎么做",
        "访谈之前先写提纲。用户在访谈里讲的是过去的行为，不是愿望。产品经理要听用户说，少推销产品。",
        {"访谈", "用户", "产品", "提纲", "行为"},
    ),
    (
        "Unit economics for shops",
        "Gross margin pays for the acquisition of customers. When margin falls, "
        "acquisition must fall too. Retention of customers lifts margin per customer.",
        {"unit", "economics", "margin", "acquisition", "customers", "retention"},
    ),
    (
        "Reading statistics honestly",
        "A confidence interval tells how far an estimate may be off. The sample "
        "decides the interval; a biased sample makes every estimate worthless.",
        {"interval", "sample", "estimate", "confidence", "statistics"},
    ),
    (
        "机器学习入门 Machine learning",
        "机器学习用数据训练模型。模型在训练数据上表现好，不代表在新数据上好，这叫过拟合。数据要先清洗。",
        {"机器学习", "模型", "数据", "训练", "过拟合", "机器"},
    ),
]


def names(item):
    return [it.name for it in tags.proposals_for(item)]


def labelled(number, title, text):
    return make_item(f"labelled-{number}", title=title, body=text)


def test_most_first_proposals_are_what_a_reader_would_say():
    items = [
        labelled(number, title, text)
        for number, (title, text, _said) in enumerate(LABELLED)
    ]
    search_index.sweep()
    search_index.count_words()

    hits = asked = 0
    for item, (_title, _text, said) in zip(items, LABELLED, strict=True):
        first = names(item)[:3]
        asked += len(first)
        hits += len(said & set(first))
        assert said & set(first), (item.title, first)
    assert asked >= 15
    assert hits / asked >= 0.7


def test_what_every_text_says_is_not_proposed():
    SearchWord.objects.create(word="growth", documents=900)
    SearchWord.objects.create(word="pricing", documents=2)
    SearchDocument.objects.bulk_create(
        SearchDocument(
            kind="item", object_id=n, since="2020-01-01T00:00Z", vector="", title="x"
        )
        for n in range(1000, 2000)
    )

    found = names(make_item(body="Growth growth growth growth. Pricing, pricing."))
    assert found == ["pricing"]


def test_a_tag_that_exists_comes_before_a_new_word():
    Tag.objects.create(name="Unit economics", slug="unit-economics")
    item = make_item(body="Churn churn churn. It is about unit economics, after all.")

    assert names(item)[:2] == ["Unit economics", "churn"]
    assert tags.proposals_for(item)[0].is_known


def test_the_text_of_the_lessons_counts():
    course = make_course("lessons")
    make_lesson(course.sections.create(title="One"), body="谈判 谈判 谈判")

    assert names(course) == ["谈判"]


def test_taken_tags_are_given_and_refused_ones_do_not_come_back(client):
    mentor = make_member("writer", roles=["mentor"])
    item = make_item(
        author=mentor, published_at=None, body="Churn churn churn. Pricing pricing."
    )
    client.force_login(mentor)
    address = f"/studio/items/{item.pk}/tags/"
    assert "churn" in client.get(address).content.decode()

    client.post(
        address,
        {"tag-0": "take", "tag-0-name": "churn", "tag-1": "refuse"},
    )

    assert list(item.tags.names()) == ["churn"]
    assert TagRefusal.objects.get().name == "pricing"
    assert names(item) == []


def test_another_name_means_the_tag():
    tag = Tag.objects.create(name="人工智能", slug="ai")
    TagSynonym.objects.create(name="AI", slug="old-ai", tag=tag)

    assert tags.canonical(["ai", "AI", "Excel"]) == ["人工智能", "Excel"]
    assert names(make_item(body="AI is here, and AI stays."))[0] == "人工智能"


def test_merging_keeps_items_followers_and_the_old_address(member, other_member):
    one, two = (Tag.objects.create(name=name, slug=name.lower()) for name in ("A", "B"))
    both, only = make_item("both"), make_item("only")
    both.tags.add("A", "B")
    only.tags.add("A")
    for tag in (one, two):
        interests.follow(member=member, tag=tag, is_on=True)
    interests.follow(member=other_member, tag=one, is_on=True)

    tags.merge(tags=[one, two], into=two)

    assert [list(it.tags.names()) for it in (both, only)] == [["B"], ["B"]]
    assert Interest.objects.filter(tag=two).count() == 2
    assert not Tag.objects.filter(name="A").exists()
    found = filtered(Item.objects.all(), member, Asked(tag="a"))
    assert set(found) == {both, only}
    assert tags.canonical(["a"]) == ["B"]


def test_nothing_else_hangs_on_a_tag():
    """Else merging would lose it: see `tags.merge`."""
    fields = Tag._meta.get_fields(include_hidden=True)
    linked = {it.related_model.__name__ for it in fields if it.one_to_many}
    assert linked == {"TaggedItem", "TagSynonym", "Interest"}


def test_operators_merge_at_the_desk(client, operator):
    one = Tag.objects.create(name="A", slug="a")
    Tag.objects.create(name="B", slug="b")
    client.force_login(operator)

    asked = {"action": "merge", "_selected_action": [one.pk], "asked": "1"}
    client.post("/admin/taggit/tag/", {**asked, "into": "No such"})
    assert Tag.objects.count() == 2
    client.post("/admin/taggit/tag/", {**asked, "into": "B"})

    assert [tag.name for tag in Tag.objects.all()] == ["B"]


def test_the_record_of_a_merge_names_both_tags(client, operator):
    one = Tag.objects.create(name="Cash", slug="cash")
    into = Tag.objects.create(name="Money", slug="money")
    make_item().tags.add(one)
    client.force_login(operator)
    asked = {"action": "merge", "_selected_action": [one.pk, into.pk]}
    page = client.post("/admin/taggit/tag/", asked)
    assert "Cash (1)" in page.content.decode()

    sent = {**asked, "asked": "1", "into": "money"}
    page = client.post("/admin/taggit/tag/", sent, follow=True)

    told = [str(message) for message in page.context["messages"]]
    assert sorted(told) == ["Done for 1.", "Money: It stays."]
    record = AuditRecord.objects.get(object_kind="taggit.tag")
    assert record.object_id == str(into.pk)
    assert record.reason == "Merged “Cash” into “Money”"


def test_following_a_tag_from_its_shelf(client, member):
    make_item().tags.add("money")
    client.force_login(member)
    assert "/tags/money/follow/" in client.get("/library/?tag=money").content.decode()

    client.post("/tags/money/follow/")
    client.post("/tags/money/follow/")
    assert Interest.objects.get().member == member
    assert "You follow it" in client.get("/library/?tag=money").content.decode()

    client.post("/tags/money/follow/", {"stop": "1"})
    assert not Interest.objects.exists()


# One name, one meaning --------------------------------------------------------------


def synonyms(tag, *names):
    """The admin's form of a tag with these other names."""
    rows = {f"synonyms-{n}-name": name for n, name in enumerate(names)}
    rows |= {f"synonyms-{n}-tag": tag.pk for n in range(len(names))}
    total = {"synonyms-TOTAL_FORMS": len(names), "synonyms-INITIAL_FORMS": 0}
    return {"name": tag.name, "slug": tag.slug, **total, **rows}


def test_the_name_of_a_living_tag_is_refused_as_another_name(client, operator):
    tag = Tag.objects.create(name="Machine learning", slug="ml")
    Tag.objects.create(name="AI", slug="ai")
    client.force_login(operator)
    url = f"/admin/taggit/tag/{tag.pk}/change/"

    for name in ("ai", "machine Learning"):
        page = client.post(url, synonyms(tag, name)).content.decode()
        assert "It is the name of a tag: merge them." in page
    twice = client.post(url, synonyms(tag, "Deep", "deep")).content.decode()
    both = client.post(url, {**synonyms(tag, "Deep"), "name": "Deep"}).content.decode()
    for page in (twice, both):
        assert "It is another name of a tag already." in page
    assert not TagSynonym.objects.exists()
    assert client.post(url, synonyms(tag, "Deep")).status_code == 302
    assert TagSynonym.objects.get().tag == tag


def test_a_tag_is_not_renamed_to_another_name(client, operator):
    tag = Tag.objects.create(name="AI", slug="ai")
    TagSynonym.objects.create(name="KI", slug="ki", tag=tag)
    other = Tag.objects.create(name="Tea", slug="tea")
    client.force_login(operator)
    url = f"/admin/taggit/tag/{other.pk}/change/"
    for change in ({"name": "ki"}, {"slug": "ki"}):
        page = client.post(url, {**synonyms(other), **change})
        assert "It is another name of a tag already." in page.content.decode()


def test_the_database_keeps_names_apart_from_both_sides():
    tag = Tag.objects.create(name="AI", slug="ai")
    TagSynonym.objects.create(name="KI", slug="ki", tag=tag)
    for make in (
        lambda: TagSynonym.objects.create(name="ai", tag=tag),
        lambda: TagSynonym.objects.create(name="x", slug="ai", tag=tag),
        lambda: Tag.objects.create(name="ki", slug="x"),
        lambda: Tag.objects.create(name="y", slug="ki"),
        lambda: Tag.objects.filter(pk=tag.pk).update(name="Ki"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            make()
    # Whoever makes a tag by its name alone is given another address.
    assert Tag.objects.create(name="KI!").slug == "ki_1"


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_gets_the_name():
    tag = Tag.objects.create(name="Machines", slug="machines")

    def name_it_too():
        try:
            Tag.objects.create(name="AI", slug="ai")
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            TagSynonym.objects.create(name="AI", tag=tag)
            waiting = pool.submit(name_it_too)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.3)
        with pytest.raises(IntegrityError):
            waiting.result(timeout=5)


# One name in any case ---------------------------------------------------------------


def test_the_case_in_which_a_tag_is_typed_means_nothing():
    item, other = make_item("one"), make_item("two")
    writing.save_settings(item=item, tags=["AI", "ai", "New", "NEW"])
    writing.save_settings(item=other, tags=["Ai", "Other"])
    other.tags.add("aI", "new")

    assert sorted(item.tags.names()) == ["AI", "New"]
    assert sorted(other.tags.names()) == ["AI", "New", "Other"]
    with pytest.raises(IntegrityError):
        Tag.objects.create(name="aI", slug="twin")


def test_the_desk_names_no_twin_and_merges_by_any_case(client, operator):
    Tag.objects.create(name="AI", slug="ai")
    tea = Tag.objects.create(name="Tea", slug="tea")
    client.force_login(operator)
    url = f"/admin/taggit/tag/{tea.pk}/change/"
    page = client.post(url, {**synonyms(tea), "name": "Ai"})
    assert "It is the name of a tag: merge them." in page.content.decode()
    asked = {"action": "merge", "_selected_action": [tea.pk], "asked": "1"}
    client.post("/admin/taggit/tag/", {**asked, "into": "ai"})
    assert TagSynonym.objects.get(name="Tea").tag.name == "AI"


def test_twins_of_before_become_one(member, other_member):
    names = import_module("content.migrations.0034_names")
    with connection.cursor() as cursor:
        cursor.execute(names.ONE_NAME_BACK)
    one, two = (Tag.objects.create(name=name, slug=name) for name in ("ai", "AI"))
    both, only = make_item("both"), make_item("only")
    for item, tag in ((both, one), (both, two), (only, two)):
        item.tags.add(tag)
    TagSynonym.objects.create(name="KI", slug="ki", tag=two)
    for follower, tag in ((member, one), (member, two), (other_member, two)):
        interests.follow(member=follower, tag=tag, is_on=True)

    names.merge_twins(apps, None)

    with connection.cursor() as cursor:
        cursor.execute(names.ONE_NAME)
    assert [list(it.tags.all()) for it in (both, only)] == [[one], [one]]
    assert Interest.objects.filter(tag=one).count() == 2
    assert TagSynonym.objects.get().tag == one
    assert Tag.objects.get() == one


@pytest.mark.django_db(transaction=True)
def test_merging_waits_for_who_names_a_tag_before_it_moves_anything():
    one, two = (Tag.objects.create(name=name, slug=name.lower()) for name in ("A", "B"))
    item = make_item()
    item.tags.add("A")

    def merge_them():
        try:
            tags.merge(tags=[one], into=two)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Tag.objects.create(name="C", slug="c")
            merging = pool.submit(merge_them)
            with pytest.raises(TimeoutError):
                merging.result(timeout=0.5)
            item.tags.set(["C"])
        merging.result(timeout=5)
    assert list(item.tags.names()) == ["C"]


# Not too many -----------------------------------------------------------------------


@pytest.mark.parametrize("typed", [",".join(map(str, range(3000))), "x" * 300])
def test_one_form_does_not_make_thousands_of_tags(client, typed):
    mentor = make_member("writer", roles=["mentor"])
    item = make_item(author=mentor, published_at=None)
    client.force_login(mentor)
    page = client.post(
        f"/studio/items/{item.pk}/settings/",
        {"tags": typed, "format": "text", "access": "members"},
    )
    assert page.status_code == 422
    assert "At most 20 tags, none longer than 40 characters." in page.content.decode()
    assert typed in page.content.decode()
    assert not Tag.objects.exists()


def test_proposals_are_bounded_too(client):
    mentor = make_member("writer", roles=["mentor"])
    item = make_item(author=mentor, published_at=None, body="Churn churn churn.")
    item.tags.add(*(f"t{number}" for number in range(20)))
    client.force_login(mentor)
    address = f"/studio/items/{item.pk}/tags/"
    page = client.post(address, {"tag-0": "take", "tag-0-name": "churn"})
    assert page.status_code == 422
    assert item.tags.count() == 20


def test_what_was_imported_with_more_may_stay():
    item = make_item()
    names = ["x" * 90, *(f"t{number}" for number in range(30))]
    item.tags.add(*names)
    writing.save_settings(item=item, tags=names)
    writing.save_settings(item=item, tags=names[:25])
    assert item.tags.count() == 25
    with pytest.raises(TooManyTags):
        writing.save_settings(item=item, tags=[f"n{number}" for number in range(26)])
