"""The frame of every page: language, light, errors, money."""

import datetime as dt
from unittest import mock

import pytest
from django.template.defaultfilters import date
from django.test import Client, RequestFactory
from django.utils import translation

from community.lib import pages
from community.lib.charts import Chart, Point, nice_step
from community.templatetags.ui import initials, money
from community.views import bad_request, forbidden

pytestmark = pytest.mark.django_db


def test_the_theme_is_remembered_by_the_server(client):
    client.post("/appearance/", {"theme": "dark"})
    assert b'data-theme="dark"' in client.get("/").content
    client.post("/appearance/", {"theme": ""})
    assert b"data-theme" not in client.get("/").content


def test_a_made_up_theme_is_ignored(client):
    client.cookies["theme"] = '"><script>'
    assert b"data-theme" not in client.get("/").content


def test_the_language_follows_the_member_to_other_devices(client, member):
    client.force_login(member)
    client.post("/language/", {"language": "zh-hans"})
    member.refresh_from_db()
    assert member.language == "zh-hans"
    assert b'lang="zh-hans"' in client.get("/").content


def test_choices_lead_back_to_our_own_pages_only(client):
    ours = client.post("/appearance/", headers={"referer": "http://testserver/plans/"})
    assert ours.url == "http://testserver/plans/"
    theirs = client.post("/appearance/", headers={"referer": "https://evil.example/"})
    assert theirs.url == "/"


def test_a_page_that_is_missing_says_so_in_the_frame(client):
    answer = client.get("/no-such-page/")
    assert answer.status_code == 404
    assert b"site-header" in answer.content


def test_a_form_grown_old_gives_back_what_was_written():
    client = Client(enforce_csrf_checks=True)
    text = "A long answer that took a whole evening to write."
    answer = client.post("/accounts/login/", {"body": text, "password1": "x" * 60})
    assert answer.status_code == 403
    assert text in answer.content.decode()
    assert "x" * 60 not in answer.content.decode()


@pytest.mark.parametrize(("view", "status"), [(bad_request, 400), (forbidden, 403)])
def test_refusals_render_before_anybody_is_known(view, status):
    answer = view(RequestFactory().get("/"), Exception())
    assert answer.status_code == status


def test_the_styleguide_is_for_staff(client, member, operator):
    client.force_login(member)
    assert client.get("/styleguide/").status_code == 302
    client.force_login(operator)
    assert client.get("/styleguide/").status_code == 200


@pytest.mark.parametrize(
    ("language", "minor", "currency", "text"),
    [
        ("zh-hans", 19900, "CNY", "¥199"),
        ("zh-hans", 19950, "CNY", "¥199.50"),
        ("en", 100000000, "USD", "$1,000,000"),
        ("en", 19900, "CNY", "¥199"),
        ("en", 500, "JPY", "¥500"),
    ],
)
def test_money_reads_as_people_write_it(language, minor, currency, text):
    with translation.override(language):
        assert money(minor, currency) == text


@pytest.mark.parametrize(
    ("name", "letters"), [("Ada Lin", "AL"), ("王小明", "王"), ("", "·")]
)
def test_initials_stand_in_for_a_picture(name, letters):
    assert initials(name) == letters


def test_days_without_a_year_read_as_people_write_them():
    with translation.override("zh-hans"):
        assert date(dt.date(2026, 4, 9), "MONTH_DAY_FORMAT") == "4月9日"
    with translation.override("en"):
        assert date(dt.date(2026, 4, 9), "MONTH_DAY_FORMAT") == "April 9"


@pytest.mark.parametrize(
    "page", ["email", "password/change", "2fa", "sessions", "3rdparty"]
)
def test_pages_of_the_account_have_one_heading(client, member, page):
    client.force_login(member)
    assert client.get(f"/accounts/{page}/").content.count(b"<h1") == 1


def test_a_chart_keeps_its_line_inside_the_frame():
    chart = Chart("t", [Point("a", 3, 2, 9), Point("b", 0)], "x", "y")
    assert chart.ticks[-1].y == 12
    assert float(chart.ticks[-1].label) >= 9
    assert chart.has_band


@pytest.mark.parametrize(("rough", "step"), [(0.7, 1), (3, 5), (12, 20), (100, 100)])
def test_axis_steps_are_round(rough, step):
    assert nice_step(rough) == step


def test_what_is_kept_follows_its_facts_and_the_language(db, client):
    page = client.get("/spaces/", headers={"Accept-Language": "en"})
    assert 'lang="en" aria-pressed="true"' in page.content.decode()

    client.cookies["theme"] = "dark"
    page = client.get("/spaces/", headers={"Accept-Language": "zh-hans"})
    html = page.content.decode()
    assert 'lang="zh-hans" aria-pressed="true"' in html
    assert 'value="dark" aria-pressed="true"' in html


def test_what_is_made_up_leaves_nothing_in_the_cache(client, monkeypatch):
    kept = mock.Mock(wraps=pages._pages)
    monkeypatch.setattr(pages, "_pages", kept)

    client.get("/")
    assert kept.get.call_count == 1
    for number in range(3):
        client.get(f"/?x={number}")
        client.get("/", headers={"hx-request": "true", "hx-target": f"t{number}"})
    client.cookies["theme"] = "made up"
    client.get("/")

    assert kept.get.call_count == 1
