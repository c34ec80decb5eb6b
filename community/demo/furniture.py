"""What the demo community has before anybody lives in it."""

import datetime as dt
import tomllib
from pathlib import Path
from typing import Any, cast

from allauth.account.models import EmailAddress
from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.models import (
    MEMBERSHIP,
    Channel,
    Community,
    Expert,
    Field,
    Offer,
    Purpose,
    Role,
    ShareAgreement,
    Space,
    User,
)
from accounts.services import community as communities
from accounts.services import consents
from accounts.services.recruiting import new_code
from accounts.services.roles import grant_role
from community.demo import media
from community.lib import chapters, markdown
from community.lib.dates import site_zone
from community.lib.subtitles import Cue
from content.models import (
    AskingTerms,
    CaseStudy,
    Cohort,
    Item,
    LearningPath,
    Lesson,
    News,
    Quiz,
    Recording,
    Report,
    Section,
    Topic,
    WatchedWord,
)
from content.models.played import Played
from content.services import (
    assignments,
    captions,
    classmates,
    cohort_spaces,
    consultations,
    discussions,
    due_dates,
    posting,
    questions,
)
from content.services.items import render, tell_case

TEXTS = Path(__file__).with_name("texts.toml")
PRICES = {"month": (3900, 1), "year": (29900, 12)}
COURSE_PRICE = 9900
QUESTION_PRICE, HOUR_PRICE = 9900, 29900
TIME = {
    "en": ("One hour about your own plan", "You show it, and we improve it together."),
    "zh-hans": ("聊一小时你自己的方案", "你展示方案，我们一起改进。"),
}
EXPERTS = {
    "en": (
        ("Writing", "writing"),
        "Has edited other people's texts for twenty years",
        *("Master of Arts in English", "University of Leeds", 2003),
    ),
    "zh-hans": (
        ("统计学", "statistics"),
        "教非数学专业的人读懂数据",
        *("统计学博士", "复旦大学", 2011),
    ),
}

# What the first spaces are about; the others have no expert yet.
FIELDS = ("writing", "statistics")


def texts() -> dict[str, Any]:
    return tomllib.loads(TEXTS.read_text(encoding="utf-8"))


def furnish(opened_at: dt.datetime, mentors: dict[str, User]) -> list[Item]:
    """Make the community's row, spaces, plans and courses; returns the courses.

    Courses appear one by one over the first months, so that the library grows with
    the community. `mentors` are the authors, by language.
    """
    words = texts()
    words["community"]["set_up_at"] = timezone.now()
    Community.objects.update_or_create(pk=1, defaults=words["community"])
    communities.forget()
    spaces = [
        Space.objects.create(
            **{"access": Space.Access.PUBLIC, **space}, created_at=opened_at
        )
        for space in words["space"]
    ]
    make_plans()
    make_campaigns(opened_at, words["channel"])
    recordings = {"audio": ("bell.wav", media.bell()), "video": _video()}
    for number, item in enumerate(words["item"]):
        appeared_at = opened_at + dt.timedelta(days=20 + 9 * number)
        make_item(item, spaces[item["interest"]], mentors, appeared_at)
    courses = [
        make_course(
            course,
            spaces[course["interest"]],
            mentors[course["language"]],
            opened_at + dt.timedelta(days=9 * number),
            recordings,
        )
        for number, course in enumerate(words["course"])
    ]
    for slug, space in zip(FIELDS, spaces, strict=False):
        field = Field.objects.filter(slug=slug).first()
        Item.objects.filter(space=space).update(field=field)
    ask(words)
    lead(words)
    return courses


def ask(words: dict[str, Any]) -> None:
    """Quizzes and assignments beside first lessons, and certificates at the end."""
    for asked in words["quiz"]:
        lesson = _first_lesson(asked["course"])
        course = lesson.section.item
        quiz = questions.add_quiz(course=course, kind=Quiz.Kind.LESSON, lesson=lesson)
        for question in asked["question"]:
            questions.add_question(quiz=quiz, **question)
        Item.objects.filter(pk=course.pk).update(gives_certificate=True)
    for asked in words["assignment"]:
        told = {name: asked[name] for name in ("task", "rubric")}
        lesson = _first_lesson(asked["course"])
        assignments.save_assignment(lesson=lesson, **told)


def gather(cohorts: list[dict[str, Any]]) -> None:
    """Runs of courses: who has not finished the course learns in the one that has
    begun."""
    for words in cohorts:
        course = Item.objects.get(slug=words["course"])
        starts_on = timezone.localdate() + dt.timedelta(days=words["starts_in"])
        cohort = Cohort.objects.create(
            course=course,
            name=words["name"],
            mentor=course.author,
            starts_on=starts_on,
            ends_on=starts_on + dt.timedelta(days=words["days"]),
            seats=words["seats"],
        )
        if words["starts_in"] < 0:
            learning = course.enrolments.filter(done_at=None).order_by("-last_at")
            some = learning.values("pk")[: words["seats"] - 2]
            course.enrolments.filter(pk__in=some).update(cohort=cohort)
        cohort_spaces.open_space(cohort=cohort, by=cast("User", course.author))
        lessons = Lesson.objects.filter(section__item=course)
        due = {("lesson", it.pk): 4 * (n + 1) for n, it in enumerate(lessons)}
        due_dates.set_due_dates(course=course, days=due)
        people = [it.member for it in cohort.learners.select_related("member")]
        for member, text in zip(people, words["introductions"], strict=False):
            classmates.introduce(cohort=cohort, member=member, text=text)


def talk(words: list[dict[str, Any]]) -> None:
    """What learners asked about first lessons, answered by who teaches."""
    for asked in words:
        lesson = _first_lesson(asked["course"])
        course = lesson.section.item
        topic = discussions.start_topic(
            author=course.enrolments.earliest("started_at").member,
            kind=Topic.Kind.QUESTION,
            title=asked["title"],
            body=asked["body"],
            item=course,
            lesson=lesson,
        )
        if course.author and (answer := asked.get("answer")):
            post = discussions.reply(topic=topic, author=course.author, body=answer)
            discussions.accept_answer(post=post, by=topic.author)


def wait(words: list[dict[str, Any]]) -> None:
    """What stands in the queue, for the word that somebody watches."""
    for told in words:
        WatchedWord.objects.create(word=told["word"])
        course = Item.objects.get(slug=told["course"])
        posting.post_reply(
            topic=course.topics.latest("created_at"),
            author=course.enrolments.latest("started_at").member,
            body=told["body"],
        )


def _first_lesson(slug: str) -> Lesson:
    lessons = Lesson.objects.filter(section__item__slug=slug)
    in_order = lessons.order_by("section__position", "position")
    return in_order.select_related("section__item")[0]


def lead(words: dict[str, Any]) -> None:
    for position, told in enumerate(words["path"]):
        path = LearningPath.objects.create(
            **{name: told[name] for name in ("slug", "title", "goal")},
            position=position,
            is_shown=True,
        )
        for place, slug in enumerate(told["courses"]):
            path.steps.create(item=Item.objects.get(slug=slug), position=place)


def _video() -> tuple[str, bytes]:
    return "slides.webm", media.slides()


def make_plans() -> None:
    benefits = (
        "All courses of the membership\nAnswers from the mentors\n支持社区持续运营"
    )
    for position, (slug, (price, months)) in enumerate(PRICES.items()):
        Offer.objects.create(
            slug=slug,
            what=MEMBERSHIP,
            title={"month": "One month · 一个月", "year": "One year · 一年"}[slug],
            description=benefits,
            price=price,
            months=months,
            renews=True,
            trial_days=7 if slug == "month" else 0,
            save_days=14,
            position=position,
        )


def make_campaigns(opened_at: dt.datetime, channels: list[dict[str, Any]]) -> None:
    """An effort on each channel, with two places where its link stands."""
    for number, words in enumerate(channels):
        channel = Channel.objects.create(kind=words["kind"], name=words["name"])
        starts_on = opened_at.date() + dt.timedelta(days=20 * number)
        campaign = channel.campaigns.create(
            name=words["campaign"],
            starts_on=starts_on,
            ends_on=starts_on + dt.timedelta(days=60),
            cost=words["cost"],
        )
        for place in words["places"]:
            channel.links.create(code=new_code(), campaign=campaign, note=place)


def make_course(
    words: dict[str, Any],
    space: Space,
    author: User,
    published_at: dt.datetime,
    recordings: dict[str, tuple[str, bytes]],
) -> Item:
    course = Item.objects.create(
        kind=Item.Kind.COURSE,
        space=space,
        slug=words["slug"],
        title=words["title"],
        summary=words["summary"],
        description=words["description"],
        description_html=markdown.render_article(words["description"]),
        access=words["access"],
        included_in_membership=words["access"] == Item.Access.SOLD,
        language=words["language"],
        author=author,
        state=Item.State.LIVE,
        published_at=published_at,
    )
    course.tags.add(*words["tags"])
    if course.access == Item.Access.SOLD:
        sell(course)
    for position, section in enumerate(words["section"]):
        chapter = Section.objects.create(
            item=course, title=section["title"], position=position
        )
        for place, lesson in enumerate(section["lesson"]):
            make_lesson(chapter, place, lesson, recordings)
    return course


def make_item(
    words: dict[str, Any],
    space: Space,
    mentors: dict[str, User],
    published_at: dt.datetime,
) -> None:
    """Something of the library that is no course, with what its kind has."""
    column = Item.objects.filter(slug=words.get("column"), kind=Item.Kind.COLUMN)
    item = Item(
        kind=words["kind"],
        space=space,
        slug=words["slug"],
        title=words["title"],
        summary=words["summary"],
        body=words.get("body", "").strip(),
        access=words["access"],
        included_in_membership=words["access"] == Item.Access.SOLD,
        format=words.get("format", Item.Format.TEXT),
        language=words["language"],
        column=column.first(),
        author=mentors[words["language"]],
        state=Item.State.LIVE,
        published_at=published_at,
    )
    render(item).save()
    item.tags.add(*words["tags"])
    if item.access == Item.Access.SOLD:
        sell(item)
    if case := words.get("case"):
        tell_case(CaseStudy.objects.create(item=item, **case))
    if news := words.get("news"):
        News.objects.create(item=item, source=news["source"], happened_on=_day(news))
    if report := words.get("report"):
        Report.objects.create(item=item, **report)
    if held := words.get("recording"):
        Recording.objects.create(item=item, minutes=held["minutes"], held_on=_day(held))
        name, film = _video()
        file = item.files.create(
            kind="video", title=item.title, file=ContentFile(film, name=name)
        )
        tell(file, held, item.language)


def _day(words: dict[str, Any]) -> dt.date:
    return timezone.localdate() - dt.timedelta(days=words["days_ago"])


def sell(course: Item) -> None:
    Offer.objects.create(
        slug=course.slug,
        what=course.key,
        title=course.title,
        price=COURSE_PRICE,
        creator=course.author,
    )


def make_lesson(
    section: Section,
    position: int,
    words: dict[str, Any],
    recordings: dict[str, tuple[str, bytes]],
) -> Lesson:
    lesson = Lesson(
        section=section,
        position=position,
        title=words["title"],
        kind=words["kind"],
        minutes=words["minutes"],
        is_preview=words.get("preview", False),
        body=words["body"].strip(),
        body_html=markdown.render_article(words["body"]),
    )
    if words["kind"] in recordings:
        name, recording = recordings[words["kind"]]
        lesson.media.save(name, ContentFile(recording), save=False)
    lesson.save()
    tell(lesson, words, section.item.language)
    return lesson


def tell(played: Played, words: dict[str, Any], language: str) -> None:
    """Captions and chapters, where the demo's texts have some."""
    if "said" not in words:
        return
    lines = chapters.read(words["said"])
    ends = [*(it.second for it in lines[1:]), media.SECONDS]
    cues = [Cue(it.second, end, it.title) for it, end in zip(lines, ends, strict=True)]
    captions.save_captions(played=played, language=language, cues=cues)
    captions.save_chapters(played=played, chapters=words["chapters"].strip())


def make_staff(password: str, joined_at: dt.datetime) -> dict[str, User]:
    """The operator and one mentor for each language, by a short name."""
    people = {
        "operator": ("Lin Yun 林云", "operator", Role.OPERATOR, ""),
        "en": ("Harriet Moss", "harriet", Role.MENTOR, "en"),
        "zh-hans": ("顾远", "guyuan", Role.MENTOR, "zh-hans"),
    }
    made = {}
    for key, (name, handle, role, language) in people.items():
        made[key] = User.objects.create_user(
            handle,
            f"{handle}@example.org",
            password,
            name=name,
            language=language,
            date_joined=joined_at,
            is_superuser=role is Role.OPERATOR,
            is_staff=True,
        )
        grant_role(member=made[key], role=role)
        for purpose in (*consents.REQUIRED, Purpose.DIRECTORY):
            consents.give(member=made[key], purpose=purpose)
        EmailAddress.objects.create(
            user=made[key], email=made[key].email, verified=True, primary=True
        )
    make_experts(made)
    return made


def make_experts(people: dict[str, User]) -> None:
    """The mentors, verified by the operator."""
    now = timezone.now()
    for key, (field, headline, what, issuer, year) in EXPERTS.items():
        expert = Expert.objects.create(
            member=people[key],
            headline=headline,
            state=Expert.State.VERIFIED,
            asked_at=now,
            decided_at=now,
            decided_by=people["operator"],
            verified_until=now + dt.timedelta(days=2 * 365),
        )
        expert.fields.add(Field.objects.create(name=field[0], slug=field[1]))
        expert.credentials.create(what=what, issuer=issuer, year=year)
        ShareAgreement.objects.create(
            creator=people[key],
            per_mille=700,
            starts_on=(now - dt.timedelta(days=60)).date(),
        )
        AskingTerms.objects.create(
            expert=people[key], is_open=True, price=QUESTION_PRICE, points=100, days=3
        )
        _offer_time(people[key], *TIME[key])


def _offer_time(expert: User, title: str, about: str) -> None:
    """In the afternoon and in the evening of working days."""
    consultations.add_consultation(
        expert=expert,
        title=title,
        about=about,
        minutes=60,
        price=HOUR_PRICE,
        points=500,
    )
    for begins, ends in ((14, 17), (19, 21)):
        consultations.add_hours(
            expert=expert, weekdays=range(5), begins=60 * begins, ends=60 * ends
        )
    consultations.save_calendar(
        expert=expert,
        time_zone=site_zone().key,
        join_url="https://meet.example.org/hour",
    )
