"""What the demo's members do with each other: talk, polls, themed weeks, and a quarrel.

Texts are posted by the services. Votes, which are many, go in as rows.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from accounts.models import Activity, Community, Space, SpaceMember, User, Verb
from accounts.services import community as communities
from community.demo.company import Company
from community.lib.dates import site_day
from content.models import (
    Ballot,
    GoodExample,
    Lesson,
    Poll,
    Post,
    Prompt,
    Theme,
    ThemeVote,
    ThemeWeek,
    Topic,
)
from content.services import discussions, guiding, heat, polls, reports, themes

VOTE = 0.5  # share of the members
HEATED_FOR = 40  # minutes
QUICK = 2  # minutes between two answers of a quarrel
REPLY_AFTER = 2  # hours
MORNING = 8


def tell(company: Company) -> None:
    words = company.words
    greet(company, words["introductions"], words["culture"])
    for told in words["topic"]:
        talk(company, told)
    for told in words["poll"]:
        ask(company, told)
    for told in words["lesson_poll"]:
        ask_in_lesson(company, told)
    for told in words["week"]:
        lead_week(company, told)
    for told in words["theme"]:
        propose(company, told)
    advertise(company, words["advertised"])
    quarrel(company, words["heated"])
    company.put_back()
    heat.measure()


# Talk ------------------------------------------------------------------------------


def greet(company: Company, words: dict[str, str], culture: str) -> None:
    """A place where one introduces oneself, and what the culture page begins with."""
    space = Space.objects.create(
        access=Space.Access.PUBLIC,
        created_at=company.operator.date_joined,
        **words,
    )
    SpaceMember.objects.bulk_create(
        SpaceMember(space=space, member=member, joined_at=member.date_joined)
        for member in company.everyone
    )
    Community.objects.update(introductions=space, culture=culture.strip())
    communities.forget()


def talk(company: Company, told: dict[str, Any]) -> None:
    language = told["language"]
    topic = start(company, told, author_of(company, told["by"], language))
    answer(company, topic, told["replies"], told["age"], language)
    if told.get("pinned"):
        guiding.pin(topic=topic)
    if told.get("featured"):
        guiding.feature(topic=topic, by=company.staff[language])
    if why := told.get("example"):
        GoodExample.objects.create(post=topic.posts.get(number=1), why=why)


def author_of(company: Company, who: str, language: str) -> User:
    if who == "mentor":
        return company.staff[language]
    if who == "newcomer":
        newest = User.objects.filter(email=None, language=language, topics=None)
        return newest.latest("date_joined")
    return company.some(language, 1)[0]


def start(company: Company, told: dict[str, Any], author: User, **more: Any) -> Topic:
    topic = discussions.start_topic(
        author=author,
        kind=Topic.Kind.DISCUSSION,
        title=told["title"],
        body=told["body"].strip(),
        space=Space.objects.get(slug=told["space"]),
        is_paced=False,
        **more,
    )
    company.said(topic.posts.get(number=1), hours=told.get("age", 0))
    return topic


def answer(
    company: Company, topic: Topic, texts: list[str], age: float, language: str
) -> None:
    authors = company.some(language, len(texts))
    for number, (author, text) in enumerate(zip(authors, texts, strict=True), start=1):
        post = say(topic, author, text)
        company.said(post, hours=age - min(REPLY_AFTER * number, age))


def say(topic: Topic, author: User, text: str) -> Post:
    return discussions.reply(topic=topic, author=author, body=text, is_paced=False)


# Polls -----------------------------------------------------------------------------


def ask(company: Company, told: dict[str, Any]) -> None:
    language = told["language"]
    now = timezone.now()
    ends = now + dt.timedelta(days=told["ends_in"]) if "ends_in" in told else None
    closes_at = ends.isoformat() if ends else None
    terms = {"choices": told["choices"], "closes_at": closes_at, **told["terms"]}
    author = author_of(company, "member", language)
    topic = start(company, told, author, poll=terms)
    vote(company, topic.poll, told["weights"])
    answer(company, topic, told["replies"], told["age"], language)
    if told.get("ended"):
        polls.close_poll(poll=topic.poll)


def ask_in_lesson(company: Company, told: dict[str, Any]) -> None:
    lessons = Lesson.objects.filter(section__item__slug=told["course"])
    lesson = lessons.order_by("section__position", "position")[0]
    names = "question", "choices"
    poll = polls.add_poll(lesson=lesson, **{name: told[name] for name in names})
    vote(company, poll, told["weights"])


def vote(company: Company, poll: Poll, weights: list[int]) -> None:
    """By half of the members, each with a ballot as the poll's form makes one."""
    voters = company.share_of(VOTE)
    cast = [ballot(company, poll, weights) for _voter in voters]
    Ballot.objects.bulk_create(
        Ballot(poll=poll, member=voter, chosen=[] if poll.is_anonymous else chosen)
        for voter, chosen in zip(voters, cast, strict=True)
    )
    poll.question = str(poll)
    poll.tally = Counter(",".join(map(str, chosen)) for chosen in cast)
    poll.save(update_fields=["question", "tally"])
    Activity.objects.bulk_create(
        Activity(
            member=voter,
            verb=Verb.VOTED,
            object_kind=poll.activity_kind,
            object_id=poll.pk,
            space=polls.space_of(poll),
        )
        for voter in voters
    )


def ballot(company: Company, poll: Poll, weights: list[int]) -> list[int]:
    """The numbers of the choices: drawn one by one, the heavier the sooner."""
    left = dict(enumerate(weights, start=1))
    order = []
    while left:
        [number] = company.rng.choices(list(left), list(left.values()))
        order.append(number)
        del left[number]
    if poll.kind == Poll.Kind.RANKED:
        return order
    return sorted(order[: poll.most])


# Themed weeks ----------------------------------------------------------------------


def propose(company: Company, told: dict[str, Any]) -> Theme:
    author = author_of(company, "member", told["language"])
    theme = themes.propose(by=author, title=told["title"], why=told["why"])
    others = [it for it in company.share_of(told.get("share", VOTE)) if it != author]
    ThemeVote.objects.bulk_create(ThemeVote(theme=theme, member=it) for it in others)
    theme.vote_count = len(others) + 1
    theme.save(update_fields=["vote_count"])
    if reason := told.get("declined"):
        themes.decline(theme=theme, by=company.operator, answer=reason)
    return theme


def lead_week(company: Company, told: dict[str, Any]) -> None:
    """With the prompts of the days that have come, each answered by a member; one that
    is over has its summary."""
    host = company.staff[told["language"]]
    week = themes.choose(
        theme=propose(company, told),
        by=company.operator,
        title=told["title"],
        space=Space.objects.get(slug=told["space"]),
        starts_on=site_day() - dt.timedelta(days=told["began"]),
        host=host,
    )
    for day, (title, text) in enumerate(told["prompts"], start=1):
        prompt = Prompt.objects.create(week=week, day=day, title=title, text=text)
        if prompt.asked_on <= site_day():
            post_prompt(company, prompt, told)
    # The pace at which a host writes is counted by the moments.
    company.put_back()
    if "summary" in told:
        summarise(company, week, told)


def post_prompt(company: Company, prompt: Prompt, told: dict[str, Any]) -> None:
    week = prompt.week
    words = {"title": prompt.title, "body": prompt.text, "space": week.space.slug}
    age = 24 * (site_day() - prompt.asked_on).days + 1
    prompt.topic = start(company, {**words, "age": age}, week.host)
    prompt.save(update_fields=["topic"])
    replies = told["replies"][prompt.day - 1 : prompt.day]
    answer(company, prompt.topic, replies, age, told["language"])


def summarise(company: Company, week: ThemeWeek, told: dict[str, Any]) -> None:
    topic = themes.summarise(
        week=week, by=week.host, title=told["summary"], body=told["summed"].strip()
    )
    age = 24 * (site_day() - week.ends_on).days - MORNING
    company.said(topic.posts.get(number=1), hours=age)


# Where somebody has to look ----------------------------------------------------------


def advertise(company: Company, told: dict[str, str]) -> None:
    author, reporter = company.some("zh-hans", 2)
    topic = start(company, {**told, "age": 5}, author)
    reports.report(
        post=topic.posts.get(number=1),
        by=reporter,
        reason=reports.Reason.SPAM,
        words=told["reason"],
    )


def quarrel(company: Company, told: dict[str, Any]) -> None:
    """Two have it out with each other, and somebody reports the last word."""
    author, one, other, reporter = company.some("en", 4)
    minutes = HEATED_FOR
    topic = start(company, {**told, "age": minutes / 60}, author)
    posts = []
    for author, text in zip(_in_turn(one, other), told["answers"], strict=False):
        minutes -= QUICK
        posts.append(say(topic, author, text))
        company.said(posts[-1], hours=minutes / 60)
    reports.report(
        post=posts[-1],
        by=reporter,
        reason=reports.Reason.ABUSE,
        words=told["reason"],
    )


def _in_turn(one: User, other: User) -> Iterable[User]:
    while True:
        yield from (one, other)
