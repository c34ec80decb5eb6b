"""Backups: encrypted, whole, loaded again for proof; each damage is noticed."""

import datetime as dt
import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.utils import timezone

from accounts.models import AuditRecord
from accounts.services import audit
from community import backups, checks, dumps, nightly, steps
from community.dumps import Database
from community.lib import buckets, encrypted
from community.models import Backup
from tests.factories.accounts import make_member
from tests.factories.billing import buy, make_offer

KEY = "a key for tests that is long enough for anybody"
ELSEWHERE = "zq_restored_by_a_test"

whole_database = pytest.mark.django_db(transaction=True)


@pytest.fixture
def place(settings, tmp_path):
    settings.BACKUP_KEY = KEY
    settings.BACKUP_DIR = tmp_path / "backups"
    settings.MEDIA_ROOT = tmp_path / "media"
    (settings.MEDIA_ROOT / "lessons").mkdir(parents=True)
    (settings.MEDIA_ROOT / "lessons" / "一.txt").write_bytes(b"x" * 3_000_000)
    return settings.BACKUP_DIR


@pytest.fixture
def empty_database():
    here = Database(connection.settings_dict)
    here.ask(f"DROP DATABASE IF EXISTS {ELSEWHERE} WITH (FORCE)")
    here.ask(f"CREATE DATABASE {ELSEWHERE} TEMPLATE template0")
    yield here.named(ELSEWHERE)
    here.ask(f"DROP DATABASE {ELSEWHERE} WITH (FORCE)")


@pytest.fixture
def ann():
    ann = make_member("ann", name="Ann of the Backups")
    buy(ann, make_offer())
    audit.record(act="tested", actor=ann)
    audit.anchor_ledger()
    return ann


# The file --------------------------------------------------------------------------


def written(*blocks, key=KEY):
    file = io.BytesIO()
    writer = encrypted.Writer(file, key)
    for kind, data in blocks:
        writer.write(kind, data)
    return file.getvalue()


def read(data, key=KEY):
    return list(encrypted.read(io.BytesIO(data), key))


BLOCKS = [(b"D", b"one"), (b"D", b"two"), (b"M", b""), (b"E", b"{}")]
HEAD = len(encrypted.MARK) + encrypted.SALT
BLOCK = encrypted.HEAD.size + 3 + encrypted.TAG


def test_what_is_written_is_read():
    assert read(written(*BLOCKS)) == BLOCKS
    assert b"one" not in written(*BLOCKS)


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda it: b"PK" + it, "not a backup"),
        (lambda it: it[:-1], "end is missing"),
        (lambda it: it[: HEAD + BLOCK], "end is missing"),
        (lambda it: it + b"x", "added"),
        (lambda it: it[: HEAD + BLOCK] + it[HEAD + 2 * BLOCK :], "block 1 was"),
        (
            lambda it: (
                it[: HEAD + BLOCK] + it[HEAD : HEAD + BLOCK] + it[HEAD + BLOCK :]
            ),
            "block 1 was changed",
        ),
        (lambda it: it[:HEAD] + b"\xff" + it[HEAD + 1 :], "changed"),
        (lambda it: it[: HEAD + 4] + b"M" + it[HEAD + 5 :], "changed"),
    ],
)
def test_damage_is_noticed(damage, told):
    with pytest.raises(encrypted.Unreadable, match=told):
        read(damage(written(*BLOCKS)))


def test_another_key_opens_nothing():
    with pytest.raises(encrypted.Unreadable, match="another BACKUP_KEY"):
        read(written(*BLOCKS), key="x" * 40)


# Making and loading ----------------------------------------------------------------


@whole_database
def test_a_backup_loads_into_an_empty_database(place, ann, empty_database, tmp_path):
    made = backups.make()

    rows = backups.restore(
        Path(made.path), empty_database, media=tmp_path / "uploads again"
    )

    assert rows == made.rows
    assert rows["accounts_user"] >= 1
    names = empty_database.ask("SELECT name FROM accounts_user WHERE username = 'ann'")
    assert names == [("Ann of the Backups",)]
    upload = tmp_path / "uploads again" / "lessons" / "一.txt"
    assert upload.stat().st_size == 3_000_000


@whole_database
def test_nobody_reads_it_without_the_key(place, ann):
    made = backups.make()

    path = Path(made.path)
    data = path.read_bytes()
    assert b"PGDMP" not in data
    assert b"Ann of" not in data
    assert b"x" * 50 not in data
    assert path.stat().st_mode & 0o77 == 0
    manifest = json.loads(path.with_suffix(".json").read_text())
    assert manifest["sha256"] == made.sha256
    assert manifest["rows"] == made.rows
    assert audit.verify(manifest["audit"]) == ""


@whole_database
def test_a_database_with_tables_is_left_alone(place, ann):
    made = backups.make()

    with pytest.raises(backups.BackupFailed, match="empty"):
        backups.restore(Path(made.path), Database(connection.settings_dict), media=None)


@whole_database
def test_the_oldest_are_forgotten(place, settings):
    settings.BACKUPS_KEPT = 2
    place.mkdir()
    for name in ("20250101T000000", "20250102T000000"):
        (place / f"{name}{backups.SUFFIX}").touch()
        (place / f"{name}.json").touch()

    backups.make()

    assert len(list(place.glob(f"*{backups.SUFFIX}"))) == 2
    assert not list(place.glob("20250101*"))


@whole_database
def test_a_dump_that_fails_leaves_no_file_and_is_told(place, monkeypatch):
    def fail(*args):
        yield b"half"
        raise dumps.DumpFailed("the disk is full")

    monkeypatch.setattr(backups, "dump", fail)

    with pytest.raises(backups.BackupFailed, match="disk is full"):
        backups.make()

    assert list(place.iterdir()) == []
    assert Backup.objects.troubling().get().problem == "the disk is full"


@whole_database
def test_a_database_that_fails_makes_no_backup(place, monkeypatch):
    def fail(*args):
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(backups, "_row_counts", fail)
    with pytest.raises(backups.BackupFailed, match="closed the connection"):
        backups.make()

    assert not Backup.objects.made().exists()


def test_what_pg_dump_complains_of_is_told():
    gone = Database(connection.settings_dict)
    with pytest.raises(dumps.DumpFailed, match="snapshot"):
        list(dumps.dump(gone, "no-such-snapshot"))


def test_a_key_that_is_too_short_is_refused(settings):
    settings.BACKUP_KEY = "short"
    with pytest.raises(CommandError, match="at least 32"):
        call_command("backup")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("versions", "told"), [({}, "it is not here"), ({"/old": 9}, "only that of 9")]
)
def test_a_missing_or_old_program_is_named(monkeypatch, versions, told):
    monkeypatch.setattr(dumps, "_packaged", lambda _: [])
    monkeypatch.setattr(dumps.shutil, "which", lambda _: next(iter(versions), None))
    monkeypatch.setattr(dumps, "_major", versions.get)

    with pytest.raises(dumps.DumpFailed, match=told):
        dumps.program("pg_dump", Database(connection.settings_dict))


@pytest.mark.django_db
def test_the_oldest_program_that_knows_the_server_is_taken(monkeypatch):
    versions = {"/9": 9, "/99": 99, "/98": 98}
    monkeypatch.setattr(dumps, "_packaged", lambda _: list(versions))
    monkeypatch.setattr(dumps, "_major", lambda path: versions.get(path, 10))

    found = dumps.program("pg_dump", Database(connection.settings_dict))

    assert found == "/98"


@whole_database
def test_uploads_in_a_bucket_are_said_to_be_left_out(
    place, ann, settings, client, operator
):
    client.force_login(operator)
    out = io.StringIO()
    call_command("backup", stdout=out)
    assert "uploads are not" not in out.getvalue()
    assert "bucket" not in client.get("/admin/").content.decode()
    assert not checks.backups_hold_the_uploads()

    settings.BUCKET = buckets.Bucket("ours")
    call_command("backup", stdout=out)
    assert "uploads are not in it: they lie in the bucket ours" in out.getvalue()
    assert "they lie in the bucket alone" in client.get("/admin/").content.decode()
    latest = Path(Backup.objects.latest("pk").path)
    assert (
        "bucket ours" in json.loads(latest.with_suffix(".json").read_text())["uploads"]
    )
    assert [it.id for it in checks.backups_hold_the_uploads()] == ["zhiqun.W002"]


# The proof -------------------------------------------------------------------------


@whole_database
def test_the_last_backup_is_loaded_and_checked(place, ann):
    said = io.StringIO()

    call_command("backup", "--test", stdout=said)

    assert "in order" in said.getvalue()
    tested = Backup.objects.get()
    assert tested.tested_at is not None
    assert tested.test_problem == ""
    assert not Backup.objects.troubling().exists()
    assert not backups.is_test_due()


@whole_database
def test_a_backup_of_a_forged_chain_fails_its_test(place, ann):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_auditrecord DISABLE TRIGGER ALL")
        AuditRecord.objects.filter(number=1).update(reason="forged")
        cursor.execute("ALTER TABLE accounts_auditrecord ENABLE TRIGGER ALL")
    backups.make()

    with pytest.raises(backups.BackupFailed, match="record 1 was changed"):
        backups.test_latest()

    assert "record 1" in Backup.objects.troubling().get().test_problem


@whole_database
def test_a_backup_that_lost_rows_fails_its_test(place, monkeypatch):
    counted = backups._row_counts
    monkeypatch.setattr(
        backups, "_row_counts", lambda c: {**counted(c), "accounts_user": 9999}
    )
    backups.make()
    monkeypatch.setattr(backups, "_row_counts", counted)

    with pytest.raises(backups.BackupFailed, match="instead of 9999"):
        backups.test_latest()


@pytest.mark.django_db
def test_old_backups_and_old_tests_are_troubling():
    now = timezone.now()
    made = Backup.objects.create(path="a", started_at=now, finished_at=now)
    made.tested_at = now
    made.save()
    assert not Backup.objects.troubling().exists()

    Backup.objects.update(tested_at=now - dt.timedelta(days=10))
    assert Backup.objects.troubling().exists()

    Backup.objects.update(tested_at=now, started_at=now - dt.timedelta(days=3))
    assert Backup.objects.troubling().exists()


@whole_database
def test_the_night_makes_one_and_tests_it_once_a_week(place):
    today = timezone.localdate()

    first = nightly.run_night(today, steps=steps.STEPS)
    assert [run.error for run in first] == ["", ""]
    assert first[1].result != {}

    again = nightly.run_night(today, steps=steps.STEPS[1:])
    assert again[0].result == {}


@pytest.mark.django_db
def test_without_a_key_the_night_makes_none():
    assert steps.make_backup(timezone.localdate()) == {}
    assert steps.test_backup(timezone.localdate()) == {}
    assert not Backup.objects.exists()


@pytest.mark.django_db
def test_today_says_what_is_wrong(client, operator):
    client.force_login(operator)
    assert "BACKUP_KEY" in client.get("/admin/").content.decode()

    now = timezone.now()
    Backup.objects.create(
        path="/b/x", started_at=now, finished_at=now, problem="the disk is full"
    )

    assert "the disk is full" in client.get("/admin/").content.decode()
    assert client.get("/admin/community/backup/").status_code == 200
