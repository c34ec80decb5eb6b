import datetime as dt
import gzip
import json
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from accounts.models import Activity, Space, SpaceMember, User
from content.models import Item
from content.services.history_files import UnusableFile
from content.services.imports import InvalidHistory, import_history

pytestmark = pytest.mark.django_db

MEMBERS = """member,joined_on,left_on,age
anna,2013-01-05,,30
bo li,2013-01-06,2013-03-01,40
"""
ITEMS = """item,kind,title
1,quiz,First quiz
2,forum,
"""
ACTIVITY = """on,member,verb,item,count
2013-01-31,anna,interacted,1,3
2013-01-31,anna,interacted,1,3
2013-02-01T08:30:00,bo li,consumed,2,1
2013-02-01,anna,visited,,1
"""


@pytest.fixture
def folder(tmp_path):
    write(tmp_path, members=MEMBERS, items=ITEMS, activity=ACTIVITY)
    return tmp_path


def write(folder, **files):
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")


def bring(folder, **options):
    return import_history(folder=folder, space_name="Old place", **options)


def reasons(report):
    return {(p["file"], p["line"], p["reason"]) for p in report.problems.first}


def test_members_items_and_activity_come_into_a_new_space(folder):
    report = bring(folder)

    space = Space.objects.get(name="Old place")
    anna = space.members.get(external_key="anna").member
    assert anna.username == "old-place-anna"
    assert anna.email is None
    assert not anna.has_usable_password()
    assert space.members.get(external_key="bo li").left_at is not None
    quiz = space.items.get(external_key="1")
    assert (quiz.kind, quiz.source_kind, quiz.title) == (
        Item.Kind.MATERIAL,
        "quiz",
        "First quiz",
    )
    assert space.items.get(external_key="2").title == "2"
    assert report.activity.new == Activity.objects.count() == 4
    row = Activity.objects.filter(verb="interacted")[0]
    assert (row.member, row.space, row.object_kind, row.object_id, row.count) == (
        anna,
        space,
        "item",
        quiz.pk,
        3,
    )
    assert report.notes == ["members.csv: ignored age"]


def test_a_day_is_its_local_noon_and_a_time_is_local(folder):
    bring(folder)

    here = ZoneInfo(settings.TIME_ZONE)
    assert Activity.objects.get(verb="visited").at == dt.datetime(
        2013, 2, 1, 12, tzinfo=here
    )
    assert Activity.objects.get(verb="consumed").at == dt.datetime(
        2013, 2, 1, 8, 30, tzinfo=here
    )


def test_the_same_folder_twice_changes_nothing(folder):
    bring(folder)

    again = bring(folder)

    assert (again.members.new, again.items.new, again.activity.new) == (0, 0, 0)
    assert (again.members.present, again.activity.present) == (2, 4)
    assert (User.objects.count(), Activity.objects.count()) == (2, 4)


def test_equal_lines_are_events_of_their_own_also_when_they_come_later(folder):
    bring(folder)
    write(folder, activity=ACTIVITY + "2013-01-31,anna,interacted,1,3\n")

    again = bring(folder)

    assert again.activity.new == 1
    assert Activity.objects.filter(verb="interacted").count() == 3


def test_a_dry_run_says_what_would_be_made_and_writes_nothing(folder):
    report = bring(folder, dry_run=True)

    assert (report.members.new, report.items.new, report.activity.new) == (2, 2, 4)
    assert not report.written
    assert not Space.objects.exists()
    assert not Activity.objects.exists()


WRONG = [
    ("activity", "2013-02-31,anna,visited,,1", "bad date"),
    ("activity", "0213-02-01,anna,visited,,1", "date before 1970"),
    ("activity", "2999-02-01,anna,visited,,1", "date in the future"),
    ("activity", "2013-02-01,nobody,visited,,1", "unknown member"),
    ("activity", "2013-02-01,anna,visited,99,1", "unknown item"),
    ("activity", "2013-02-01,anna,danced,1,1", "unknown verb"),
    ("activity", "2013-02-01,anna,visited,1,-1", "negative count"),
    ("activity", "2013-02-01,anna,visited,1,one", "bad count"),
    ("activity", "2013-02-01,anna,visited,1,9999999999", "count too large"),
    ("activity", "2013-02-01,anna,visited", "5 columns expected"),
    ("members", "anna,2013-01-05,,30", "duplicate key"),
    ("members", ",2013-01-05,,30", "no member"),
    ("members", "x\ty,2013-01-05,,30", "control character in member"),
    ("members", f"{'x' * 81},2013-01-05,,30", "member longer than 80 characters"),
    ("items", "2,forum,again", "duplicate key"),
]


@pytest.mark.parametrize(("name", "line", "reason"), WRONG)
def test_a_wrong_line_is_named_and_stops_everything(folder, name, line, reason):
    good = {"members": MEMBERS, "items": ITEMS, "activity": ACTIVITY}[name]
    write(folder, **{name: f"{good}{line}\n"})
    number = good.count("\n") + 1

    with pytest.raises(InvalidHistory) as stopped:
        bring(folder)

    assert reasons(stopped.value.report) == {(f"{name}.csv", number, reason)}
    assert not Space.objects.exists()
    assert not Activity.objects.exists()


def test_everything_but_the_wrong_lines_can_be_imported(folder):
    wrong = [line for name, line, _ in WRONG if name == "activity"]
    write(folder, activity=ACTIVITY + "\n".join(wrong) + "\n")

    report = bring(folder, skip_invalid=True)

    assert report.problems.count == len(wrong)
    assert Activity.objects.count() == 4


def test_who_left_before_joining_is_imported_with_a_warning(folder):
    write(folder, members=MEMBERS + "cy,2013-02-01,2013-01-01,\n")

    report = bring(folder)

    assert report.warnings.by_reason == {"left before joined": 1}
    assert report.problems.count == 0
    assert SpaceMember.objects.filter(external_key="cy").exists()


def test_many_wrong_lines_are_all_counted_but_not_all_kept(folder):
    write(folder, activity=ACTIVITY + "2013-02-01,nobody,visited,,1\n" * 250)

    report = bring(folder, dry_run=True)

    assert report.problems.by_reason == {"unknown member": 250}
    assert len(report.problems.first) == 100


def test_spreadsheet_habits_are_harmless(folder):
    text = ("\ufeff" + ACTIVITY).replace("\n", "\r\n").encode()
    (folder / "activity.csv").unlink()
    (folder / "activity.csv.gz").write_bytes(gzip.compress(text))

    assert bring(folder).activity.new == 4


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"on;member;verb\n", "semicolons"),
        (b"", "lacks the column"),
        (b"on,member\n", "lacks the column\\(s\\) verb"),
        (b"on,member,verb,on\n", "twice"),
        ("on,member,verb\n2013-01-01,Zoë,visited\n".encode("latin-1"), "not UTF-8"),
        (b'on,member,verb\n2013-01-01,"anna,visited\n', "not proper CSV"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(folder, content, message):
    (folder / "activity.csv").write_bytes(content)

    with pytest.raises(UnusableFile, match=message):
        bring(folder)


CUT_SHORT = gzip.compress(b"on," * 9000, mtime=0)[:-20]


@pytest.mark.parametrize("cut", [b"plain text", CUT_SHORT])
def test_what_is_not_a_whole_gzip_file_says_so(folder, cut):
    (folder / "activity.csv").unlink()
    (folder / "activity.csv.gz").write_bytes(cut)

    with pytest.raises(UnusableFile, match="not a whole gzip file"):
        bring(folder)


def test_a_missing_or_doubled_file_is_named(folder, tmp_path):
    with pytest.raises(UnusableFile, match="no folder"):
        bring(tmp_path / "nowhere")
    (folder / "items.csv.gz").write_bytes(gzip.compress(ITEMS.encode()))
    with pytest.raises(UnusableFile, match="keep one"):
        bring(folder)
    (folder / "items.csv.gz").unlink()
    (folder / "items.csv").unlink()
    with pytest.raises(UnusableFile, match="neither"):
        bring(folder)


def test_handles_stay_free_of_clashes(folder):
    User.objects.create_user(username="old-place-anna")
    write(folder, members=MEMBERS + f"{'k' * 79},2013-01-05,,\n")

    bring(folder)

    names = set(SpaceMember.objects.values_list("member__username", flat=True))
    assert len(names) == 3
    assert "old-place-anna" not in names


def test_the_command_prints_documented_json(folder, capsys):
    call_command("import_history", str(folder), space="Old place", json=True)

    report = json.loads(capsys.readouterr().out)
    assert report["activity"] == {"read": 4, "new": 4, "present": 0}
    assert report["written"] is True
    assert report["problems"] == {"count": 0, "by_reason": {}, "first": []}


def test_the_command_fails_on_wrong_lines_and_shows_them(folder, capsys):
    write(folder, activity=ACTIVITY + "2013-02-31,anna,visited,,1\n")

    with pytest.raises(SystemExit) as stopped:
        call_command("import_history", str(folder), space="Old place")

    assert stopped.value.code == 1
    assert "activity.csv line 6: bad date 2013-02-31" in capsys.readouterr().out


def test_the_command_says_what_it_cannot_read(tmp_path):
    with pytest.raises(CommandError, match="neither"):
        call_command("import_history", str(tmp_path), space="Old place")
