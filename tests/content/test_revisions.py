"""Saving texts: nothing that was ever saved or typed is lost."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from content.errors import ChangedMeanwhile
from content.models import Draft, Item, Revision
from content.services import comparing, revisions
from content.services.texts import fingerprint, texts_of
from tests.factories.accounts import make_member
from tests.factories.courses import make_course, make_item
from tests.factories.writing import make_draft, save

pytestmark = pytest.mark.django_db


def told(thing):
    return [revision.texts["body"] for revision in revisions.revisions_of(thing)]


def test_every_saved_state_is_kept_and_the_last_is_shown(member):
    item = make_draft(member, body="One.")
    save(item, member, body="Two.")

    item.refresh_from_db()
    assert item.body == "Two."
    assert "Two." in item.body_html
    assert told(item)[:2] == ["Two.", "One."]


def test_what_was_written_elsewhere_is_kept_before_it_is_written_over(member):
    item = make_item(body="From the admin.", author=member)
    save(item, member, body="From the studio.")

    first = revisions.revisions_of(item).last()
    assert (first.texts["body"], first.author) == ("From the admin.", None)


def test_saving_the_same_twice_is_saving_it_once(member):
    item = make_draft(member)
    base = fingerprint(texts_of(item))
    for _twice in range(2):
        save(item, member, base=base, body="Once.")

    assert told(item).count("Once.") == 1


def test_who_saves_second_is_told_and_both_texts_are_there(member, other_member):
    item = make_draft(member, body="Begun.")
    base = fingerprint(texts_of(item))
    save(item, member, base=base, body="Mine.")

    with pytest.raises(ChangedMeanwhile) as told_so:
        save(item, other_member, base=base, body="Theirs.")

    assert told_so.value.texts["body"] == "Mine."
    item.refresh_from_db()
    assert item.body == "Mine."


def test_a_draft_is_one_a_writer_and_ends_with_saving(member, other_member):
    item = make_draft(member)
    base = fingerprint(texts_of(item))
    for text in ("Half a", "Half a sentence"):
        revisions.keep_draft(
            thing=item, texts={"body": text, "evil": "x"}, base=base, by=member
        )
    revisions.keep_draft(thing=item, texts={"body": "b"}, base=base, by=other_member)

    draft = Draft.objects.get(author=member)
    assert draft.texts == {"body": "Half a sentence"}
    save(item, member, body="A sentence.")
    assert list(Draft.objects.values_list("author", flat=True)) == [other_member.pk]


def test_what_is_saved_already_is_no_draft(member):
    """A keeping that arrives after the saving it raced with."""
    item = make_draft(member)
    base = fingerprint(texts_of(item))
    save(item, member, base=base, body="Saved.")
    revisions.keep_draft(thing=item, texts={"body": "Saved."}, base=base, by=member)
    assert not Draft.objects.exists()


def test_an_old_state_comes_back_and_the_states_between_stay(member):
    item = make_draft(member, body="One.")
    save(item, member, body="Two.")
    old = revisions.revisions_of(item).get(texts__body="One.")

    revisions.restore(revision=old, by=member)

    item.refresh_from_db()
    assert item.body == "One."
    assert told(item)[:3] == ["One.", "Two.", "One."]


def test_a_lesson_has_a_history_of_its_own(member):
    course = make_course(lessons=1, author=member)
    lesson = course.sections.get().lessons.get()
    save(lesson, member, body="# Soil")

    lesson.refresh_from_db()
    assert lesson.body_html == "<h2>Soil</h2>\n"
    assert Revision.objects.filter(lesson=lesson).count() == 2
    assert not Revision.objects.filter(item=course).exists()


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        (Item.Kind.CASE, {"context": "A farm.", "problem": "Dry.", "lesson": "Dig."}),
        (Item.Kind.NEWS, {"source": "Gazette", "happened_on": "2026-11-01"}),
        (Item.Kind.REPORT, {"edition": "2026", "series": "soils"}),
        (Item.Kind.RECORDING, {"held_on": "2026-11-02", "minutes": "45"}),
    ],
)
def test_what_only_one_kind_has_is_written_and_restored(member, kind, texts):
    item = make_draft(member, kind=kind, **texts)
    fresh = Item.objects.get(pk=item.pk)
    assert {name: texts_of(fresh)[name] for name in texts} == texts

    name = next(iter(texts))
    save(fresh, member, **{name: "2025-01-01" if name.endswith("_on") else "Other"})
    old = revisions.revisions_of(item).get(number=2)
    revisions.restore(revision=old, by=member)

    assert texts_of(Item.objects.get(pk=item.pk))[name] == texts[name]


def test_the_parts_of_a_case_make_its_text(member):
    item = make_draft(member, kind=Item.Kind.CASE, context="A farm.", result="Rain.")
    assert "Rain." in item.body_html
    assert "Rain." not in item.preview_html


def test_differences_name_the_field(member):
    item = make_draft(member, body="Old words.")
    before = texts_of(item)
    (change,) = comparing.changes(
        item, before=before, after={**before, "body": "New words."}
    )
    assert (change.label, change.before, change.after) == (
        "text",
        "Old words.",
        "New words.",
    )


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_once_one_is_told():
    member, other = make_member("first"), make_member("second")
    item = make_draft(member)
    base = fingerprint(texts_of(item))

    def save_too():
        try:
            save(item, other, base=base, body="Second.")
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            save(item, member, base=base, body="First.")
            second = pool.submit(save_too)
            with pytest.raises(TimeoutError):
                second.result(timeout=0.3)
        with pytest.raises(ChangedMeanwhile):
            second.result(timeout=5)
    item.refresh_from_db()
    assert item.body == "First."
