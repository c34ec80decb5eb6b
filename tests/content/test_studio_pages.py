"""The studio and the desk by their pages: what is refused says why."""

import datetime as dt
import io

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from accounts import privacy
from accounts.models import AuditRecord
from accounts.services.activity import record_activity
from content.models import (
    ChecklistPoint,
    Draft,
    Item,
    Lesson,
    OutdatedFlag,
    Picture,
    Section,
)
from content.services import (
    co_authors,
    courses,
    desk,
    editorial,
    revisions,
    writing,
)
from content.services.texts import fingerprint, texts_of
from tests.factories.billing import make_offer
from tests.factories.courses import make_course, make_item
from tests.factories.writing import (
    bring_to,
    make_co_author,
    make_draft,
    make_mentor,
    make_ready,
    make_reviewer,
    save,
    tick_all,
)

pytestmark = pytest.mark.django_db


def _picture():
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(out, "PNG")
    return out.getvalue()


A_PICTURE = _picture()


@pytest.fixture
def mentor(client):
    mentor = make_mentor()
    client.force_login(mentor)
    return mentor


@pytest.fixture
def reviewer():
    return make_reviewer()


def text_of(response):
    return response.content.decode()


def sent(item, **texts):
    now = texts_of(item)
    return {**now, **texts, "base": fingerprint(now)}


# Writing --------------------------------------------------------------------------


def test_members_contribute_but_no_courses(client, member):
    client.force_login(member)
    refused = client.post("/studio/new/", {"kind": "course", "title": "Mine"})
    assert refused.status_code == 422
    client.post("/studio/new/", {"kind": "case", "title": "Mine"})

    item = Item.objects.get()
    assert (item.kind, item.author, item.state) == ("case", member, "draft")
    settings = text_of(client.get(f"/studio/items/{item.pk}/settings/"))
    assert 'name="difficulty"' in settings
    assert 'name="access"' not in settings


def test_two_of_one_title_have_two_addresses(mentor):
    slugs = {
        writing.begin(kind="article", title=title, author=mentor).slug
        for title in ("慢慢来", "慢慢来", "!!!")
    }
    assert len(slugs) == 3


def test_a_wrong_field_is_told_beside_it_and_nothing_is_lost(client, mentor):
    news = make_draft(mentor, kind=Item.Kind.NEWS)
    answer = client.post(
        f"/studio/items/{news.pk}/write/",
        sent(news, happened_on="yesterday", body="A long text."),
    )

    assert answer.status_code == 422
    assert "A long text." in text_of(answer)
    assert "Enter a valid date." in text_of(answer)


def test_lines_are_kept_as_typed_whatever_the_browser_sends(client, mentor):
    item = make_draft(mentor)
    client.post(f"/studio/items/{item.pk}/write/", sent(item, body="One\r\n\r\nTwo"))
    item.refresh_from_db()
    assert item.body == "One\n\nTwo"


def test_who_saves_second_sees_both(client, mentor, operator):
    item = make_draft(mentor, body="Begun.")
    mine = sent(item, body="Mine.")
    save(item, operator, body="Theirs.")
    answer = client.post(f"/studio/items/{item.pk}/write/", mine)

    assert answer.status_code == 409
    page = text_of(answer)
    assert "Mine." in page
    assert "Theirs." in page
    assert Draft.objects.get().texts["body"] == "Mine."
    again = client.post(
        f"/studio/items/{item.pk}/write/",
        {**mine, "base": answer.context["form"]["base"].value()},
    )
    assert again.status_code == 302
    item.refresh_from_db()
    assert item.body == "Mine."


def test_the_server_keeps_what_is_not_right_yet(client, mentor):
    news = make_draft(mentor, kind=Item.Kind.NEWS)
    answer = client.post(
        f"/studio/items/{news.pk}/autosave/",
        {"base": "x", "happened_on": "some day", "source": "a\0b"},
    )
    assert answer.json()["changed"] is True
    page = text_of(client.get(f"/studio/items/{news.pk}/write/"))
    assert "some day" in page
    assert Draft.objects.get().texts["source"] == "ab"


def test_an_unsaved_text_can_be_let_go(client, mentor):
    item = make_draft(mentor, body="Saved.")
    revisions.keep_draft(thing=item, texts={"body": "x"}, base="", by=mentor)
    client.post(f"/studio/items/{item.pk}/write/", {"drop": "1", "sure": "1"})
    assert not Draft.objects.exists()


def test_an_old_version_is_compared_and_restored(client, mentor):
    item = make_draft(mentor, body="One word.")
    save(item, mentor, body="Two words.")
    number = revisions.revisions_of(item).get(texts__body="One word.").number
    path = f"/studio/items/{item.pk}/history/{number}/"

    page = text_of(client.get(path + "?to=now"))
    assert "<del>One</del>" in page
    assert "<ins>Two</ins>" in page
    client.post(path + "restore/")
    item.refresh_from_db()
    assert item.body == "One word."


def test_what_the_admin_changes_is_in_the_history_too(client, operator):
    item = make_item(body="Before.")
    client.force_login(operator)
    page = client.get(f"/admin/content/item/{item.pk}/change/")
    data = {
        **page.context["adminform"].form.initial,
        "body": "After.",
        "tags": "",
        "published_at_0": "2026-01-01",
        "published_at_1": "10:00",
        "files-TOTAL_FORMS": 0,
        "files-INITIAL_FORMS": 0,
    }
    client.post(
        f"/admin/content/item/{item.pk}/change/",
        {name: value for name, value in data.items() if value is not None},
    )

    told = [it.texts["body"] for it in revisions.revisions_of(item)]
    assert told == ["After.", "Before."]


def test_a_mentor_cannot_publish_past_the_editors(client, mentor):
    item = make_draft(mentor)
    client.post(
        "/admin/content/item/",
        {"action": "publish", "_selected_action": [item.pk]},
    )
    item.refresh_from_db()
    assert item.state == "draft"
    page = text_of(client.get(f"/admin/content/item/{item.pk}/change/"))
    assert 'name="state"' not in page
    assert 'name="published_at_0"' not in page


def test_settings_are_saved_and_what_is_wrong_is_told(client, mentor):
    item = make_draft(mentor)
    path = f"/studio/items/{item.pk}/settings/"
    data = {"tags": "soil, bees", "language": "zh-hans", "format": "text"}
    answer = client.post(path, {**data, "access": "level"})
    assert answer.status_code == 422
    assert "from which level" in text_of(answer)
    client.post(path, {**data, "access": "level", "level_needed": "2"})

    item.refresh_from_db()
    assert (item.access, item.level_needed, item.language) == ("level", 2, "zh-hans")
    assert sorted(item.tags.names()) == ["bees", "soil"]


# Pictures -------------------------------------------------------------------------


def test_a_hostile_picture_leaves_nothing_behind(client, mentor, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    item = make_draft(mentor)
    for content in (b"", b"GIF89a", b"<svg onload=alert(1)>", b"\x89PNG\r\n\x1a\n" * 9):
        upload = SimpleUploadedFile("p.png", content, "image/png")
        path = f"/studio/items/{item.pk}/picture/"
        answer = client.post(path, {"picture": upload})
        assert answer.status_code == 422
        assert answer.json()["error"]
    assert not Picture.objects.exists()
    assert list(tmp_path.rglob("*.webp")) == []


def test_a_picture_in_the_free_part_is_free(client, mentor, member, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    item = make_item(access="membership", author=mentor)
    shown = Picture.objects.create(item=item, width=1, height=1)
    hidden = Picture.objects.create(item=item, width=1, height=1)
    for picture in (shown, hidden):
        (tmp_path / "pictures").mkdir(exist_ok=True)
        (tmp_path / picture.path).write_bytes(b"x")
    save(
        item,
        mentor,
        body=f"![]({shown.get_absolute_url()})\n\n<!--more-->\n\n"
        f"![]({hidden.get_absolute_url()})",
    )

    client.force_login(member)
    answer = client.get(shown.get_absolute_url())
    assert b"".join(answer) == b"x"  # which closes the file, too
    assert client.get(hidden.get_absolute_url()).status_code == 403


# The outline ----------------------------------------------------------------------


@pytest.fixture
def course(mentor):
    course = make_draft(mentor, kind=Item.Kind.COURSE, summary="s")
    for name in ("A", "B"):
        section = writing.add_section(course=course, title=name)
        for number in (1, 2):
            writing.add_lesson(section=section, title=f"{name}{number}")
    return course


def order(course):
    lessons = Lesson.objects.filter(section__item=course)
    return [it.title for it in lessons.order_by("section__position", "position")]


def move(client, title, do):
    lesson = Lesson.objects.get(title=title)
    client.post(f"/studio/lessons/{lesson.pk}/", {"do": do, "sure": "1"})


def test_lessons_move_within_and_across_sections(client, course):
    move(client, "A1", "down")
    assert order(course) == ["A2", "A1", "B1", "B2"]
    move(client, "A1", "down")
    assert order(course) == ["A2", "A1", "B1", "B2"]
    assert Lesson.objects.get(title="A1").section.title == "B"
    move(client, "A1", "up")
    assert Lesson.objects.get(title="A1").section.title == "A"
    move(client, "A2", "up")
    move(client, "B2", "down")
    assert order(course) == ["A2", "A1", "B1", "B2"]


def test_sections_move_are_renamed_and_go(client, course):
    first, second = course.sections.all()
    client.post(f"/studio/sections/{first.pk}/", {"do": "down"})
    client.post(f"/studio/sections/{second.pk}/", {"do": "rename", "title": "New"})
    assert order(course) == ["B1", "B2", "A1", "A2"]
    client.post(f"/studio/sections/{first.pk}/", {"do": "remove", "sure": "1"})
    assert list(Section.objects.values_list("title", flat=True)) == ["New"]


def test_what_members_learnt_from_stays(client, course, mentor, member):
    lesson = Lesson.objects.get(title="A1")
    courses.mark_done(member=mentor, lesson=Lesson.objects.get(title="A2"))
    courses.mark_done(member=member, lesson=lesson)
    move(client, "A1", "remove")
    move(client, "A2", "remove")
    client.post(f"/studio/sections/{lesson.section_id}/", {"do": "remove", "sure": "1"})
    assert order(course) == ["A1", "B1", "B2"]


def test_a_report_gets_its_attachment(
    client, mentor, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.MEDIA_ROOT = tmp_path
    report = make_draft(mentor, kind=Item.Kind.REPORT, edition="2026")
    path = f"/studio/items/{report.pk}/files/"
    assert client.post(path, {"kind": "attachment", "title": "T"}).status_code == 422
    for title in ("Tables", "Plan"):
        upload = SimpleUploadedFile("t.pdf", b"%PDF-", "application/pdf")
        client.post(path, {"kind": "attachment", "title": title, "file": upload})
    tables, plan = report.files.all()
    client.post(f"/studio/files/{plan.pk}/", {"do": "up"})
    assert list(report.files.all()) == [plan, tables]

    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/studio/files/{tables.pk}/", {"do": "remove", "sure": "1"})
    assert [file.title for file in report.files.all()] == ["Plan"]
    assert len(list(tmp_path.rglob("*.pdf"))) == 1


def test_a_lesson_takes_no_file_that_is_something_else(
    client, course, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    lesson = Lesson.objects.get(title="A1")
    path = f"/studio/lessons/{lesson.pk}/settings/"
    data = {"kind": "video", "minutes": "5"}
    for content in (b"", b"<script>", b"%PDF-1.7", b"\0" * 99):
        upload = SimpleUploadedFile("film.mp4", content, "video/mp4")
        answer = client.post(path, {**data, "media": upload})
        assert answer.status_code == 422
        assert answer.context["form"].errors["media"]
    lesson.refresh_from_db()
    assert (lesson.kind, lesson.media.name) == ("text", "")
    assert list(tmp_path.rglob("*.*")) == []
    assert client.post(path, data).status_code == 422  # a video needs its file


def test_a_recording_is_taken_away_without_showing_where_it_lies(
    client, course, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    lesson = Lesson.objects.get(title="A1")
    path = f"/studio/lessons/{lesson.pk}/settings/"
    assert "no_media" not in client.get(path).context["form"].fields
    song = SimpleUploadedFile("song.mp3", b"ID3" + b"\0" * 99, "audio/mpeg")
    client.post(path, {"kind": "audio", "minutes": "5", "media": song})
    lesson.refresh_from_db()
    assert lesson.media.name not in client.get(path).text

    client.post(path, {"kind": "text", "minutes": "5", "no_media": "on"})

    lesson.refresh_from_db()
    assert (lesson.kind, lesson.media.name) == ("text", "")


def test_a_lesson_of_text_plays_no_file(client, course):
    lesson = Lesson.objects.get(title="A1")
    upload = SimpleUploadedFile("song.mp3", b"ID3\x04\0", "audio/mpeg")
    answer = client.post(
        f"/studio/lessons/{lesson.pk}/settings/",
        {"kind": "text", "minutes": "5", "media": upload},
    )
    assert answer.status_code == 422
    assert "choose audio or video" in text_of(answer)


def test_files_go_with_the_last_row_that_has_them(
    course, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.MEDIA_ROOT = tmp_path
    first, second = Lesson.objects.all()[:2]
    first.media.save("a.wav", SimpleUploadedFile("a.wav", b"RIFF"))
    Lesson.objects.filter(pk=second.pk).update(media=first.media.name)

    for lesson, left in ((first, 1), (second, 0)):
        with django_capture_on_commit_callbacks(execute=True):
            writing.remove_lesson(lesson=Lesson.objects.get(pk=lesson.pk))
        assert len(list(tmp_path.rglob("*.wav"))) == left


# Who writes it --------------------------------------------------------------------


def test_authors_are_named_in_order_and_write_too(client, mentor, member, other_member):
    item = make_ready(mentor)
    path = f"/studio/items/{item.pk}/authors/"
    for name in ("nobody", "@Member", "other", "member", "mentor"):
        client.post(path, {"name": name})
    assert not item.co_authors.exists()
    for invitation in item.invitations.all():
        co_authors.accept(invitation=invitation)
    second = item.co_authors.get(member=other_member)
    client.post(f"/studio/authors/{second.pk}/", {"do": "up"})
    assert [it.member for it in item.co_authors.all()] == [other_member, member]

    client.force_login(member)
    client.post(f"/studio/items/{item.pk}/write/", sent(item, body="Ours."))
    item.refresh_from_db()
    assert item.body == "Ours."
    assert item.title in text_of(client.get("/studio/"))
    assert client.get(item.get_absolute_url()).status_code == 200
    assert client.post(path, {"name": "other"}).status_code == 403
    client.post(
        f"/studio/authors/{item.co_authors.last().pk}/", {"do": "remove", "sure": "1"}
    )
    assert client.get(f"/studio/items/{item.pk}/").status_code == 404


def test_a_co_author_reads_the_whole_and_stands_in_the_byline(
    client, mentor, member, other_member
):
    item = make_item(access="membership", author=mentor, body="All of it.")
    make_co_author(item, member)
    for reader, is_told in ((member, True), (other_member, False)):
        client.force_login(reader)
        page = text_of(client.get(item.get_absolute_url()))
        assert ("All of it." in page) == is_told
        assert str(member) in page


# On its way -----------------------------------------------------------------------


def step(client, item, act, **data):
    return client.post(f"/studio/items/{item.pk}/step/", {"act": act, **data})


def test_handing_in_too_early_says_what_is_missing(client, mentor):
    item = make_draft(mentor)
    answer = step(client, item, "submitted", text="Please.")
    assert answer.status_code == 422
    assert "A summary" in text_of(answer)
    assert "Please." in text_of(answer)


def test_sending_back_needs_a_reason(client, member, reviewer):
    item = bring_to(make_ready(member), "in_review", reviewer)
    client.force_login(reviewer)
    assert step(client, item, "returned").status_code == 422
    assert step(client, item, "returned", text="Sources.").status_code == 302
    client.force_login(member)
    assert "Sources." in text_of(client.get(f"/studio/items/{item.pk}/"))


def test_taking_back_for_another_needs_a_reason_and_is_told(
    client, member, reviewer, operator, django_capture_on_commit_callbacks
):
    item = bring_to(make_ready(member), "in_review", reviewer)
    client.force_login(operator)
    assert step(client, item, "withdrawn").status_code == 422
    with django_capture_on_commit_callbacks(execute=True):
        assert step(client, item, "withdrawn", text="A leak.").status_code == 302

    record = AuditRecord.objects.get(act="withdrawn")
    assert record.actor == operator
    told = mail.outbox[-1]
    assert told.to == [member.email]
    assert "A leak." in told.body


def test_authors_take_back_their_own_without_a_word(client, member, reviewer):
    item = make_ready(make_mentor("first"))
    make_co_author(item, member)
    item = bring_to(item, "in_review", reviewer)
    client.force_login(member)
    assert step(client, item, "withdrawn").status_code == 302
    assert not AuditRecord.objects.filter(act="withdrawn").exists()


def test_no_time_in_the_past(client, member, reviewer):
    item = bring_to(make_ready(member), "in_review", reviewer)
    tick_all(item, reviewer)
    client.force_login(reviewer)
    assert step(client, item, "accepted", at="2020-01-01T10:00").status_code == 422
    ahead = timezone.localtime() + dt.timedelta(days=2)
    step(client, item, "accepted", at=f"{ahead:%Y-%m-%dT%H:%M}")
    item.refresh_from_db()
    assert item.is_scheduled
    assert timezone.localtime(item.published_at).minute == ahead.minute


def test_who_comes_second_changes_nothing(client, member, reviewer, operator):
    item = bring_to(make_ready(member), "submitted", reviewer)
    editorial.take(item=item, by=operator)
    client.force_login(reviewer)
    page = client.post(f"/studio/items/{item.pk}/step/", {"act": "taken"}, follow=True)
    assert "moved on meanwhile" in text_of(page)
    item.refresh_from_db()
    assert item.reviewer == operator


def test_a_point_is_ticked_and_taken_back(client, member, reviewer):
    ChecklistPoint.objects.all().delete()
    point = ChecklistPoint.objects.create(text="True.")
    other = ChecklistPoint.objects.create(text="Agreed.", kind="case")
    item = bring_to(make_ready(member), "in_review", reviewer)
    client.force_login(reviewer)
    path = f"/studio/items/{item.pk}/tick/"
    for _twice in range(2):
        client.post(path, {"point": point.pk, "is_true": "1"})
    assert item.ticks.get().point == point
    client.post(path, {"point": point.pk, "is_true": "0"})
    assert not item.ticks.exists()
    for wrong in (other.pk, "x", "9" * 30):
        assert client.post(path, {"point": wrong}).status_code == 404


def test_what_was_never_out_can_be_thrown_away(
    client, mentor, reviewer, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.MEDIA_ROOT = tmp_path
    item = make_draft(mentor)
    upload = SimpleUploadedFile("p.png", A_PICTURE, "image/png")
    client.post(f"/studio/items/{item.pk}/picture/", {"picture": upload})
    assert len(list(tmp_path.rglob("*.webp"))) == 1
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/studio/items/{item.pk}/discard/", {"sure": "1"})
    assert not Item.objects.exists()
    assert list(tmp_path.rglob("*.webp")) == []

    once = bring_to(make_ready(mentor), "archived", reviewer)
    once = editorial.reopen(item=once, by=mentor)
    assert client.post(f"/studio/items/{once.pk}/discard/").status_code == 403


# The desk -------------------------------------------------------------------------


def test_the_queue_shows_who_waits_longest_first(client, member, reviewer):
    first = bring_to(make_ready(member, title="First"), "submitted", reviewer)
    second = bring_to(make_ready(member, title="Second"), "in_review", reviewer)
    make_ready(member, title="Draft")
    assert list(desk.queue()) == [first, second]


def test_what_mentors_change_after_review_is_looked_at_again(
    mentor, reviewer, operator
):
    item = bring_to(make_ready(mentor), "live", reviewer)
    course = make_course(lessons=1, author=mentor)
    editorial.check(item=course, by=reviewer)
    make_item("untouched", author=mentor)
    assert list(desk.changed_after_review()) == []

    save(item, mentor, body="Quite another text.")
    save(Lesson.objects.get(), mentor, body="Another lesson.")
    assert list(desk.changed_after_review()) == [course, item]
    editorial.check(item=item, by=reviewer)
    assert list(desk.changed_after_review()) == [course]


def test_today_shows_what_waits_to_the_desk_alone(client, mentor, member, operator):
    bring_to(make_ready(member, title="On soil"), "submitted", None)
    assert "On soil" not in text_of(client.get("/admin/"))
    client.force_login(operator)
    assert "On soil" in text_of(client.get("/admin/"))


def test_the_calendar_shows_what_goes_out_and_what_is_due(client, reviewer):
    out = make_item("out", published_at=timezone.now())
    due = make_item("due", review_by=timezone.localdate())
    month = desk.month_of(timezone.localdate().replace(day=1))
    today = next(
        day
        for week in month.weeks
        for day in week.days
        if day.date == timezone.localdate()
    )
    assert (today.out, today.due) == ([out], [due])

    client.force_login(reviewer)
    for asked in ("2026-12", "0001-01", "9999-12", "nonsense"):
        path = f"/studio/desk/calendar/?month={asked}"
        assert client.get(path).status_code == 200


def test_what_is_read_old_and_doubted_comes_first(member, other_member):
    old = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
    quiet = make_item("quiet", published_at=old)
    doubted = make_item("doubted", published_at=old)
    read = make_course("read", lessons=1, published_at=old)
    fresh = make_item("fresh", published_at=timezone.now())
    make_item("later", published_at=timezone.now() + dt.timedelta(days=1))
    editorial.flag_outdated(item=doubted, member=member, text="No.")
    lesson = Lesson.objects.get()
    for reader in (member, other_member):
        record_activity(member=reader, verb="viewed", target=lesson)

    rows = desk.ageing()
    assert [row.item for row in rows] == [read, doubted, quiet, fresh]
    assert [row.views for row in rows] == [2, 0, 0, 0]
    assert [row.item for row in desk.ageing(only_due=True)] == [doubted]


@pytest.mark.parametrize("path", ["", "calendar/", "ageing/"])
def test_the_desk_costs_the_same_however_much_there_is(client, reviewer, member, path):
    client.force_login(reviewer)

    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/studio/desk/{path}").status_code == 200
        return len(queries)

    def furnish(number):
        bring_to(make_ready(member, title=f"t{number}"), "in_review", reviewer)
        live = make_item(f"i{number}", published_at=timezone.now())
        editorial.flag_outdated(item=live, member=member, text="No.")

    furnish(0)
    cost()
    before = cost()
    for number in range(1, 4):
        furnish(number)
    assert cost() == before


def test_a_member_says_what_is_out_of_date(client, member):
    item = make_item()
    client.force_login(member)
    assert client.post(f"/items/{item.pk}/outdated/", {"text": ""}).status_code == 422
    client.post(f"/items/{item.pk}/outdated/", {"text": "The price rose."})
    assert OutdatedFlag.objects.get().text == "The price rose."


# Taking along and being forgotten -------------------------------------------------


def test_what_one_wrote_can_be_taken_along_and_goes_nameless(mentor, reviewer):
    item = bring_to(make_ready(mentor), "in_review", reviewer)
    editorial.comment(item=item, by=mentor, text="My own words.")
    revisions.keep_draft(thing=item, texts={"body": "Half"}, base="", by=mentor)
    known = str(privacy.export_all(mentor))
    assert "My own words." in known
    assert "Half" in known

    privacy.erase_all(mentor)
    item.refresh_from_db()
    assert item.author is None
    assert not Draft.objects.exists()
    assert not item.editorial_steps.exclude(member=None).filter(member=mentor).exists()
    assert not item.revisions.filter(author=mentor).exists()


def test_saving_settings_keeps_what_the_saver_could_not_choose(
    client, operator, mentor, member
):
    column = make_item("column", kind=Item.Kind.COLUMN, author=member)
    article = make_item("article", author=mentor, column=column)
    course = make_course("later", lessons=1, author=mentor)
    course.prerequisites.create(needs=make_course("first", published_at=None))
    client.force_login(operator)
    for item in (article, course):
        address = f"/studio/items/{item.pk}/settings/"
        form = client.get(address).context["form"]
        told = {
            name: value
            for name in form.fields
            if (value := form[name].value()) not in (None, False)
        }
        assert client.post(address, told | {"tags": ""}).status_code == 302
    article.refresh_from_db()
    assert article.column == column
    assert course.prerequisites.count() == 1


# What it costs --------------------------------------------------------------------


def test_who_accepts_what_is_sold_without_an_offer_is_told(client):
    item = bring_to(make_ready(make_mentor()), Item.State.IN_REVIEW, make_reviewer())
    writing.save_settings(item=item, access=Item.Access.SOLD)
    client.force_login(item.reviewer)
    address = f"/studio/items/{item.pk}/"
    assert "data-unsold" in client.get(address).content.decode()

    make_offer(what=item.key, price=19900)
    page = client.get(address).content.decode()
    assert "data-unsold" not in page
    assert "¥199" in page


def test_who_accepts_too_early_is_told_of_points_not_ticked(client):
    item = bring_to(make_ready(make_mentor()), Item.State.IN_REVIEW, make_reviewer())
    client.force_login(item.reviewer)
    told = {"act": "accepted"}
    page = client.post(f"/studio/items/{item.pk}/step/", told).content.decode()
    assert "not ticked yet" in page
    assert "still missing" not in page
