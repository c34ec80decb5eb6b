import datetime as dt

import pytest
from django.utils import timezone

from accounts.models import Notification, Space
from accounts.privacy import export_all
from content.errors import TooManyThemes
from content.models import PostReport, Prompt, Theme, ThemeWeek, Topic, WatchedWord
from content.services import posting, themes
from content.services.discussions import POSTS_PER_MINUTE
from tests.factories.accounts import make_member, make_space
from tests.factories.discussions import make_post, make_topic

pytestmark = pytest.mark.django_db


def make_week(host, *, starts_on=None, prompts=(1,), **fields):
    week = ThemeWeek.objects.create(
        title="Notes",
        space=fields.pop("space", None) or make_space(),
        host=host,
        starts_on=starts_on or timezone.localdate(),
        **fields,
    )
    for day in prompts:
        Prompt.objects.create(week=week, day=day, title=f"Day {day}", text="And you?")
    return week


def test_whoever_proposes_wants_it_and_each_counts_once(member, other_member):
    theme = themes.propose(by=member, title="Sleep", why="We need it.")
    for _ in range(2):
        themes.want(theme=theme, by=other_member)
    theme.refresh_from_db()
    assert theme.vote_count == 2

    for _ in range(2):
        themes.want_no_more(theme=theme, by=other_member)
    theme.refresh_from_db()
    assert theme.vote_count == 1


def test_a_fourth_theme_waits_for_an_answer_to_one_of_three(member, client):
    client.force_login(member)
    for title in "abc":
        themes.propose(by=member, title=title, why="")
    with pytest.raises(TooManyThemes):
        themes.propose(by=member, title="d", why="")

    answer = client.post("/themes/propose/", {"title": "d", "why": "Kept"})
    assert answer.status_code == 422
    assert "Kept" in answer.content.decode()

    themes.decline(theme=Theme.objects.first(), by=member, answer="No")
    themes.propose(by=member, title="d", why="")


def test_who_wanted_a_chosen_theme_is_told_once(member, other_member):
    theme = themes.propose(by=member, title="Sleep", why="")
    themes.want(theme=theme, by=other_member)
    operator = make_member("op")
    how = {"title": "Sleep", "space": make_space(), "starts_on": timezone.localdate()}
    weeks = {
        themes.choose(theme=theme, by=operator, host=member, **how) for _ in range(2)
    }
    assert len(weeks) == 1
    told = Notification.objects.values_list("member", "kind")
    assert set(told) == {(it.pk, "theme_chosen") for it in (member, other_member)}
    themes.want_no_more(theme=theme, by=other_member)
    assert theme.votes.count() == 2


def test_prompts_are_posted_on_their_days_once(member, monkeypatch):
    today = timezone.localdate()
    week = make_week(member, starts_on=today - dt.timedelta(days=1), prompts=(1, 2, 3))
    assert themes.post_due_prompts() == 2
    assert themes.post_due_prompts() == 0
    assert list(Topic.objects.order_by("pk").values_list("title", "author")) == [
        ("Day 1", member.pk),
        ("Day 2", member.pk),
    ]
    assert week.prompts.filter(topic=None).get().day == 3


def test_a_week_that_is_over_asks_nothing_more(member):
    make_week(member, starts_on=timezone.localdate() - dt.timedelta(days=7))
    assert themes.post_due_prompts() == 0


def test_the_summary_begins_with_what_was_thanked_for(member, other_member, client):
    week = make_week(member)
    themes.post_due_prompts()
    topic = week.prompts.get().topic
    make_post(topic, other_member, body="A thought.", like_count=2)
    make_post(topic, other_member, body="Forgettable.")
    client.force_login(member)

    page = client.get(f"/themes/weeks/{week.pk}/summary/").content.decode()
    assert "A thought." in page
    assert "Forgettable." not in page
    assert themes.facts_of(week) == themes.WeekFacts(topics=1, posts=2, people=1)

    sent = {"title": "What we said", "body": "All of it."}
    for _ in range(2):
        answer = client.post(f"/themes/weeks/{week.pk}/summary/", sent)
    week.refresh_from_db()
    assert answer.url == week.summary.get_absolute_url()
    assert Topic.objects.filter(title="What we said").count() == 1


def test_a_summary_with_a_watched_word_is_kept_in_its_form(member, client):
    WatchedWord.objects.create(word="casino")
    week = make_week(member)
    client.force_login(member)
    page = f"/themes/weeks/{week.pk}/summary/"

    answer = client.post(page, {"title": "What we said", "body": "A casino is none."})
    assert answer.status_code == 422
    assert "a word that we look at" in str(answer.context["form"].errors["body"])
    assert "A casino is none." in answer.content.decode()
    sent = {"title": "What we said", "body": "A shop is one."}
    assert client.post(page, sent).status_code == 302


def test_a_summary_with_a_word_that_is_flagged_is_posted_and_looked_at(member):
    WatchedWord.objects.create(word="casino", effect=WatchedWord.Effect.FLAG)
    week = make_week(member)
    summary = posting.summarise_week(week=week, by=member, title="T", body="A casino.")
    assert PostReport.objects.get().post.topic == summary


def test_a_summary_that_comes_too_fast_is_kept_in_its_form(member, client):
    week = make_week(member)
    topic = make_topic(member, space=week.space)
    for _ in range(POSTS_PER_MINUTE):
        make_post(topic, member)
    client.force_login(member)

    sent = {"title": "What we said", "body": "All of it."}
    answer = client.post(f"/themes/weeks/{week.pk}/summary/", sent)

    assert answer.status_code == 422
    assert "All of it." in answer.content.decode()


def test_home_shows_the_weeks_of_spaces_one_may_enter(member, client):
    closed = make_space("closed", access=Space.Access.JOINED)
    make_week(member, space=closed, theme=None)
    client.force_login(member)
    assert "Notes" not in client.get("/").content.decode()
    make_week(member)
    assert "Notes" in client.get("/").content.decode()


def test_a_planner_makes_a_week_of_a_theme_in_the_admin(member, admin_client):
    theme = themes.propose(by=member, title="Sleep", why="")
    sent = {
        "title": "Sleep week",
        "theme": theme.pk,
        "space": make_space().pk,
        "host": member.pk,
        "starts_on": "2027-01-04",
        "prompts-TOTAL_FORMS": "1",
        "prompts-INITIAL_FORMS": "0",
        "prompts-0-day": "1",
        "prompts-0-title": "Begin",
        "prompts-0-text": "?",
    }
    answer = admin_client.post("/admin/content/themeweek/add/", sent)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    theme.refresh_from_db()
    assert theme.state == Theme.State.CHOSEN
    assert theme.week.title == "Sleep week"
    assert theme.week.prompts.get().title == "Begin"


def test_a_theme_is_declined_with_a_word(member, admin_client):
    theme = themes.propose(by=member, title="Sleep", why="")
    url = f"/admin/content/theme/{theme.pk}/change/"
    assert "Say why" in admin_client.post(url, {"answer": " "}).content.decode()
    admin_client.post(url, {"answer": "We did that in spring."})
    theme.refresh_from_db()
    assert theme.state == Theme.State.DECLINED
    assert member.notifications.get().kind == "theme_declined"
    row = export_all(member)["content"]["themes proposed"][0]
    assert row["answer"] == "We did that in spring."
