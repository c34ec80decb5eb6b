"""What the demo's members say about the house: feedback, suggestions, surveys."""

import datetime as dt
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from accounts.models import MEMBERSHIP, Activity, Entitlement, User
from community.demo.company import Company
from community.lib.dates import site_day
from content.models import (
    Asked,
    Change,
    Feedback,
    FeedbackArea,
    FeedbackStep,
    FeedbackSubject,
    Item,
    Suggestion,
    SuggestionVote,
    Survey,
    SurveyAnswer,
    Topic,
)
from content.models.surveys import MOST_A_QUARTER, REST_DAYS
from content.services import feedback, suggestions, surveys

ASKED_FOR = 182  # days
ANSWERS_AFTER = dt.timedelta(hours=7)
COMMENTS = 0.15  # share of those who answer
# What each question is answered with in the mean, and how much everything hangs on it.
LEVELS = {"content": (4.2, 0.5), "interaction": (3.8, 0.3), "incentives": (3.1, 0.1)}
ATMOSPHERE = 4.3


def tell(company: Company) -> None:
    words = company.words
    for told in words["subject"]:
        FeedbackSubject.objects.create(**told)
    for told in words["feedback"]:
        give(company, told)
    for told in words["suggestion"]:
        suggest(company, told)
    publish(company, dict(words["change"]))
    survey(company)


# Feedback and suggestions ------------------------------------------------------------


def give(company: Company, told: dict[str, Any]) -> None:
    """So many hours ago, and what was answered half a day later each time."""
    language = told["language"]
    member = None if told.get("anonymous") else company.some(language, 1)[0]
    given = feedback.give(
        area=FeedbackArea.objects.get(slug=told["area"]),
        text=told["text"],
        language=language,
        page=told.get("page", ""),
        member=member,
    )
    if name := told.get("subject"):
        given.subjects.add(FeedbackSubject.objects.get(name=name))
    for state, text in told["steps"]:
        feedback.move(feedback=given, to=state, by=company.operator, text=text)
    moment = given.created_at - dt.timedelta(hours=told["age"])
    due = feedback.due_after(moment, given.area.working_days)
    Feedback.objects.filter(pk=given.pk).update(created_at=moment, due_at=due)
    for number, step in enumerate(given.steps.order_by("pk"), start=1):
        at = moment + number * dt.timedelta(hours=12)
        FeedbackStep.objects.filter(pk=step.pk).update(at=at)
        if step.state not in Feedback.WAITING:
            Feedback.objects.filter(pk=given.pk).update(answered_at=at)


def suggest(company: Company, told: dict[str, Any]) -> None:
    author = company.some(told["language"], 1)[0]
    made = suggestions.suggest(author=author, title=told["title"], text=told["text"])
    if told["state"] == Suggestion.State.HELD:
        return
    others = [it for it in company.share_of(told["share"]) if it != author]
    SuggestionVote.objects.bulk_create(
        SuggestionVote(suggestion=made, member=it) for it in others
    )
    Suggestion.objects.filter(pk=made.pk).update(vote_count=len(others) + 1)
    suggestions.decide(
        suggestion=made,
        state=told["state"],
        answer=told["answer"],
        by=company.operator,
    )


def publish(company: Company, told: dict[str, str]) -> None:
    asked_for = Suggestion.objects.get(title=told.pop("suggestion"))
    change = Change.objects.create(**told)
    change.suggestions.add(asked_for)
    suggestions.publish_change(change=change, by=company.operator)


# Surveys -----------------------------------------------------------------------------


def survey(company: Company) -> None:
    """Half a year of asking by the rules of `surveys`, day by day, and one question
    that waits for who signs in."""
    first = site_day() - dt.timedelta(days=ASKED_FOR)
    Survey.objects.update(starts_on=first)
    waiting = [it for it in map(_ask_today, company.logins) if it]
    asking = Asking(company, {it.member_id for it in waiting})
    days = (first + dt.timedelta(days=number) for number in range(ASKED_FOR))
    rows = [row for day in days for row in asking.on(day)]
    answered(company, Asked.objects.bulk_create(rows))


def _ask_today(member: User) -> Asked | None:
    """About a course that they finished, as if just now."""
    done = member.enrolments.filter(done_at__isnull=False).order_by("-done_at").first()
    about = Survey.objects.filter(occasion=Survey.Occasion.COURSE).first()
    if done is None or about is None:
        return None
    return surveys.ask(
        survey=about, member=member, probability=about.share, target=done.item
    )


@dataclass(frozen=True)
class Occasion:
    survey: Survey
    member: int
    kind: str
    target: int


class Asking:
    """Who is asked on which day: nobody without rest, and each with the probability
    that they had."""

    def __init__(self, company: Company, spared: set[int]) -> None:
        self.rng = company.rng
        people = User.objects.filter(email=None).exclude(pk__in=spared)
        joined = people.order_by("date_joined").values_list("date_joined", "pk")
        self.joined = [(site_day(at), pk) for at, pk in joined]
        self.days = [day for day, _pk in self.joined]
        self.since = {pk: day for day, pk in self.joined}
        self.surveys = list(Survey.objects.order_by("pk"))
        self.asked_on: dict[int, list[dt.date]] = defaultdict(list)  # by survey
        self.rests: dict[int, dt.date] = {}
        self.in_quarter: Counter[tuple[int, str]] = Counter()
        self.known: set[tuple[int, int, int]] = set()
        self.occasions = self._occasions()
        self.paid = self._paid()

    def _occasions(self) -> dict[dt.date, list[Occasion]]:
        by_occasion = {it.occasion: it for it in self.surveys}
        since = timezone.now() - dt.timedelta(days=ASKED_FOR)
        deeds = Activity.objects.filter(at__gte=since, verb__in=surveys.OCCASIONS)
        found = defaultdict(list)
        rows = deeds.order_by("at").values_list(
            "at", "verb", "member_id", "object_id", "data"
        )
        for at, verb, member, number, data in rows.iterator():
            about = by_occasion[surveys.OCCASIONS[verb]]
            occasion = Occasion(about, member, Item.activity_kind, number or 0)
            if about.occasion == Survey.Occasion.ANSWER:
                topic = Topic.activity_kind
                occasion = Occasion(about, data["asker"], topic, data["topic"])
            found[site_day(at)].append(occasion)
        return found

    def _paid(self) -> dict[int, list[tuple[Any, ...]]]:
        spans: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
        held = Entitlement.objects.filter(what=MEMBERSHIP, order__isnull=False)
        for member, *span in held.values_list("member_id", "starts_at", "ends_at"):
            spans[member].append(tuple(span))
        return spans

    def on(self, day: dt.date) -> Iterator[Asked]:
        for about in self.surveys:
            if not about.occasion:
                yield from self._by_lot(about, day)
        for occasion in self.occasions.get(day, ()):
            yield from self._after(occasion, day)

    def _by_lot(self, about: Survey, day: dt.date) -> Iterator[Asked]:
        settled = day - dt.timedelta(days=surveys.SETTLED_AFTER)
        here = bisect_right(self.days, settled)
        # Few are ever asked: to look at these costs less than to look at everybody.
        busy = {
            member
            for member in self.rests
            if self.since[member] <= settled and not self._is_free(member, day)
        }
        free = here - len(busy)
        lot = min(about.share * free / surveys.MONTH, self._left(about, day))
        if lot <= 0:
            return
        size = int(lot) + (self.rng.random() < lot % 1)
        drawn = self.rng.sample(range(here), size + len(busy))
        members = (self.joined[place][1] for place in drawn)
        for member in [it for it in members if it not in busy][:size]:
            yield self._row(about, member, day, probability=lot / free)

    def _after(self, occasion: Occasion, day: dt.date) -> Iterator[Asked]:
        about, member = occasion.survey, occasion.member
        luck = self.rng.random()
        if luck >= about.share or not self._left(about, day):
            return
        key = (about.pk, member, occasion.target)
        if member not in self.since or key in self.known:
            return
        if self._is_free(member, day):
            self.known.add(key)
            yield self._row(
                about,
                member,
                day,
                probability=about.share,
                target_kind=occasion.kind,
                target_id=occasion.target,
            )

    def _is_free(self, member: int, day: dt.date) -> bool:
        if member in self.rests and self.rests[member] > day:
            return False
        return self.in_quarter[member, surveys.quarter_of(day)] < MOST_A_QUARTER

    def _left(self, about: Survey, day: dt.date) -> int:
        since = day - dt.timedelta(days=surveys.MONTH)
        lately = sum(it > since for it in self.asked_on[about.pk])
        return max(about.most_a_month - lately, 0)

    def _row(self, about: Survey, member: int, day: dt.date, **how: Any) -> Asked:
        quarter = surveys.quarter_of(day)
        self.rests[member] = day + dt.timedelta(days=REST_DAYS)
        self.in_quarter[member, quarter] += 1
        self.asked_on[about.pk].append(day)
        at = timezone.make_aware(dt.datetime.combine(day, dt.time(3)))
        return Asked(
            survey=about,
            member_id=member,
            asked_on=day,
            asked_at=at,
            rests_until=self.rests[member],
            quarter=quarter,
            number=self.in_quarter[member, quarter],
            tenure_days=max((day - self.since[member]).days, 0),
            is_paying=any(
                begins <= at and (ends is None or ends > at)
                for begins, ends in self.paid[member]
            ),
            **how,
        )


def answered(company: Company, asked: list[Asked]) -> None:
    """Who pays and has been here for long answers more often, as it is in life."""
    languages = dict(User.objects.filter(email=None).values_list("pk", "language"))
    replies = []
    told = []
    for row in asked:
        likely = 0.35 + 0.25 * row.is_paying + 0.15 * (row.tenure_days > 180)
        if company.rng.random() > likely:
            continue
        row.seen_at = row.answered_at = row.asked_at + ANSWERS_AFTER
        if company.rng.random() < COMMENTS:
            row.comment = company.rng.choice(
                company.words["comments"][languages[row.member_id]]
            )
        told.append(row)
        replies += [
            SurveyAnswer(asked=row, question=question, value=value)
            for question, value in _values(company, row).items()
        ]
    Asked.objects.bulk_update(told, ["seen_at", "answered_at", "comment"])
    SurveyAnswer.objects.bulk_create(replies)


def _values(company: Company, row: Asked) -> dict[str, int]:
    draw = company.rng.gauss
    happy = draw(0.3 if row.is_paying else 0, 0.6)
    if row.survey.kind == Survey.Kind.NPS:
        return {"recommend": _within(0, 10, draw(8 + happy, 1.5))}
    if row.survey.kind == Survey.Kind.CSAT:
        return {"overall": _within(1, 5, draw(4.1 + happy, 0.7))}
    parts = {name: draw(mean + happy, 0.7) for name, (mean, _) in LEVELS.items()}
    overall = sum(share * parts[name] for name, (_, share) in LEVELS.items())
    parts["atmosphere"] = draw(ATMOSPHERE + happy / 2, 0.6)
    # What the parts leave open.
    parts["overall"] = overall + draw(0.4, 0.4)
    return {name: _within(1, 5, value) for name, value in parts.items()}


def _within(low: int, high: int, value: float) -> int:
    return min(max(round(value), low), high)
