"""What is logged and shown of a crash holds nothing of the person it happened to."""

import importlib
import inspect
import json
import logging
import time

import pytest
from celery import current_app
from django.db import IntegrityError, connection, transaction
from django.test import Client, override_settings

from community.lib import logs
from community.lib.logs import JsonFormatter, TextFormatter, redacted
from content.models import SearchDocument

PERSON = {
    "email": "ann.lee@example.org",
    "phone": "13812345678",
    "abroad": "+49 170 1234567",
    "password": "correct horse",
}
HOME = importlib.import_module("community.views.home")
MOMENT = ("at", str)
# The test gateway's own post, which holds numbers of orders and amounts.
NOT_ONLY_IDS = {"accounts.tasks.receive_test_notice"}


def logged(records):
    formatters = [TextFormatter("%(message)s"), JsonFormatter()]
    return "\n".join(
        formatter.format(record) for record in records for formatter in formatters
    )


def fail_with_a_person(*args, **kwargs):
    phone, password = PERSON["phone"], PERSON["password"]
    raise ValueError(f"{PERSON['email']} {phone} {PERSON['abroad']} {password=}")


def assert_nobody_in(text):
    assert [value for value in PERSON.values() if value in text] == []


@pytest.mark.parametrize(
    "text",
    [
        "mail to ann.lee@example.org failed",
        "called 138 1234 5678 and 13812345678",
        "called +86 138-1234-5678",
        "Authorization: Bearer abcdefgh.ijkl",
        "{'Cookie': 'sessionid=abc; csrftoken=def', 'X': 1}",
        "GET /x?token=abcdef&password=abcdef",
        "api_key='abcdef' secret: abcdef",
        "postgres://zhiqun:abcdef@db/zhiqun",
        "sk_live_abcdefgh12",
        "/accounts/confirm-email/MQ:1abcde:abcdefabcdefabcdefabcdefabcdefabcdef/",
        "/accounts/password/reset/key/1-c5abcd-0123456789abcdef0123456789abcdef/",
        "/podcast/abcdef-gh_ij/lessons/3/",
        "session 0a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p",
        "link dGhpcyBpcyBhIHNlY3JldA0Ab1c2d3e4f5G6",
        "IntegrityError: no\nDETAIL:  Failing row contains (1, abcdef,\n\n138).",
        "LINE 1: SELECT 'abcdef'\n               ^",
    ],
)
def test_secrets_and_addresses_are_hidden(text):
    said = redacted(text)

    assert "hidden" in said
    for told in ("abcdef", "ann", "1381", "138 1", "138-1", "0a1b2c", "dGhpc", "abc;"):
        assert told not in said


@pytest.mark.parametrize(
    "text",
    [
        'File "/srv/zhiqun/accounts/services/orders.py", line 12, in place_order',
        "The nightly step audit failed for 2026-11-23",
        f"Audit anchor 12 {'0123456789abcdef' * 4}",
        "Order ZQ-2026-000123 of 19900 took 1.25 s at 2026-11-23T03:10:00+08:00",
        "constraint accounts_loginattempt_user_id_2fa1c0d3_fk_accounts_user_id",
        "DETAIL tells what is known; 1234567890123456 rows",
    ],
)
def test_what_one_needs_to_find_a_mistake_stays(text):
    assert redacted(text) == text


def test_a_traceback_goes_on_after_a_row_that_was_hidden():
    text = (
        "A\nDETAIL:  Key (name)=(Ann).\n\nThe above exception was the direct cause of"
    )

    assert redacted(text).startswith("A\nDETAIL: [hidden]\n\nThe above exception")


def test_a_long_line_is_redacted_quickly():
    redacted("a1" * 200_000)
    redacted("a1-" * 200_000)


@pytest.mark.parametrize(
    "word",
    [
        *("password", "passwd", "secret", "token", "api_key", "apikey", "signature"),
        *("session_id", "sessionkey", "authorization", "cookie", "a@", "a-", "token "),
    ],
)
def test_no_word_makes_a_long_line_slow(word):
    """Anybody writes such lines: the name of a host that is not ours is logged."""
    began = time.process_time()

    redacted(word * 4000)

    assert time.process_time() - began < 0.5  # by its square it is more


def test_the_secrets_in_the_settings_are_never_logged():
    logs.secrets.cache_clear()
    with override_settings(
        AUDIT_KEY="open sesame please", SOCIAL={"x": {"secret": "hush hush hush"}}
    ):
        said = redacted("open sesame please, hush hush hush")
    logs.secrets.cache_clear()

    assert said == "[hidden], [hidden]"


@pytest.mark.django_db
def test_a_crashed_view_logs_nothing_of_the_person(member, monkeypatch, caplog):
    monkeypatch.setattr(HOME, "render", fail_with_a_person)
    client = Client(raise_request_exception=False)
    client.force_login(member)

    page = client.get("/", PERSON)

    assert page.status_code == 500
    assert "ValueError" in logged(caplog.records)
    assert_nobody_in(logged(caplog.records))
    assert_nobody_in(page.content.decode())


@pytest.mark.django_db
@override_settings(DEBUG=True)
def test_the_crash_page_for_developers_shows_no_values(member, monkeypatch):
    monkeypatch.setattr(HOME, "render", fail_with_a_person)
    client = Client(raise_request_exception=False)
    client.force_login(member)

    for accept in ("text/html", "text/plain"):
        page = client.get(
            "/", PERSON, headers={"Accept": accept, "Authorization": "Bearer hush"}
        )
        assert page.status_code == 500
        said = page.content.decode()
        assert "fail_with_a_person" in said
        assert_nobody_in(said)
        assert member.email not in said
        assert "hush" not in said
        assert client.cookies["sessionid"].value not in said


def test_a_crashed_task_logs_nothing_of_the_person(monkeypatch, caplog):
    from accounts.tasks import make_export

    monkeypatch.setattr("accounts.services.exports.make", fail_with_a_person)

    make_export.apply(args=[1])

    assert "ValueError" in logged(caplog.records)
    assert_nobody_in(logged(caplog.records))


@pytest.mark.django_db
def test_a_row_that_postgres_refused_is_not_logged(member, caplog):
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO accounts_user (username, name) VALUES ('x', %s)",
                ["Ann Lee"],
            )
    except IntegrityError:
        logging.getLogger("test").exception("It failed")

    assert "Ann Lee" in caplog.text
    assert "Ann Lee" not in logged(caplog.records)


def test_json_lines_stay_json():
    record = logging.makeLogRecord({"msg": '"%s"', "args": ("ann@example.org",)})

    assert json.loads(JsonFormatter().format(record))["message"] == '"[hidden]"'


# Numbers of rows, the names of what they are rows of, and what is wanted of them.
IDS = (int, list[int], bool, SearchDocument.Kind)


def test_tasks_are_given_ids_and_nothing_else():
    given = {
        (name, argument.name, argument.annotation)
        for name, task in current_app.tasks.items()
        if ".tasks." in name and name not in NOT_ONLY_IDS
        for argument in inspect.signature(task.run).parameters.values()
    }

    assert ("accounts.tasks.make_export", "export_id", int) in given
    assert {it for it in given if it[2] not in IDS and it[1:] != MOMENT} == set()


def test_a_refusal_is_one_line(client, member, caplog):
    client.force_login(member)
    with caplog.at_level(logging.WARNING, logger="django.request"):
        assert client.get("/studio/queue/").status_code == 403
    (record,) = caplog.records
    assert logged([record]).count("\n") == 1  # one line for each formatter
    assert "/studio/queue/" in record.getMessage()


def test_a_fault_keeps_its_trace():
    record = logging.LogRecord("django.request", 40, "", 1, "500", (), (1, 2, 3))
    record.status_code = 500
    assert logs.OneLine().filter(record)
    assert record.exc_info
