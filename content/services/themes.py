"""Themes that members propose and choose, and the weeks that are about them.

The lock of a theme is its row; of a week, too.
"""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID, uuid5

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Q, QuerySet
from django.utils import translation
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Notification, Space, User, Verb
from accounts.services import community
from accounts.services.activity import record_activity
from accounts.services.members import hold_members
from accounts.services.notifications import tell
from community.lib.dates import site_day
from community.lib.markdown import escaped
from content.errors import TooManyPosts, TooManyThemes
from content.models import Post, Prompt, Theme, ThemeVote, ThemeWeek, Topic
from content.models.themes import DAYS
from content.services.discussions import start_topic

OPEN_AT_ONCE = 3
BEST_POSTS = 5
EXCERPT = 200
# Any constant of our own: it makes of a prompt's number the key of its topic.
PROMPTS = UUID("5f2a0c0e-4d0b-4f58-9a43-6d5f0c7a1e10")


@transaction.atomic
def propose(*, by: User, title: str, why: str, form_key: UUID | None = None) -> Theme:
    """Propose a theme, and want it. The same form again returns the same theme.

    Raises TooManyThemes while too many of one's own are undecided.
    """
    hold_members(by.pk)
    sent = by.themes.filter(form_key=form_key).first() if form_key else None
    if sent:
        return sent
    if by.themes.filter(state=Theme.State.PROPOSED).count() >= OPEN_AT_ONCE:
        raise TooManyThemes
    theme = Theme.objects.create(
        title=title, why=why, proposed_by=by, form_key=form_key
    )
    record_activity(member=by, verb=Verb.THEME_PROPOSED, target=theme)
    want(theme=theme, by=by)
    return theme


@transaction.atomic
def want(*, theme: Theme, by: User) -> None:
    """Vote for a theme; twice counts once, and after the decision nothing counts."""
    if not _hold(theme.pk).is_open:
        return
    _vote, is_new = ThemeVote.objects.get_or_create(theme=theme, member=by)
    if is_new:
        Theme.objects.filter(pk=theme.pk).update(vote_count=F("vote_count") + 1)


@transaction.atomic
def want_no_more(*, theme: Theme, by: User) -> None:
    if not _hold(theme.pk).is_open:
        return
    gone, _rows = ThemeVote.objects.filter(theme=theme, member=by).delete()
    if gone:
        Theme.objects.filter(pk=theme.pk).update(vote_count=F("vote_count") - 1)


@transaction.atomic
def choose(
    *,
    theme: Theme,
    by: User,
    title: str,
    space: Space,
    starts_on: dt.date,
    host: User,
) -> ThemeWeek:
    """Make a week of a theme, and tell those who wanted it; once."""
    theme = _hold(theme.pk)
    week = ThemeWeek.objects.filter(theme=theme).first()
    if week:
        return week
    week = ThemeWeek.objects.create(
        title=title, theme=theme, space=space, starts_on=starts_on, host=host
    )
    theme.state = Theme.State.CHOSEN
    theme.save(update_fields=["state"])
    tell(
        theme.votes.values_list("member_id", flat=True),
        kind=Notification.Kind.THEME_CHOSEN,
        key=f"theme:{theme.pk}",
        target=theme,
        actor=by,
    )
    record_activity(member=theme.proposed_by, verb=Verb.THEME_CHOSEN, target=theme)
    return week


@transaction.atomic
def decline(*, theme: Theme, by: User, answer: str) -> None:
    """Say that it will not be, and why; whoever proposed it is told."""
    theme = _hold(theme.pk)
    if not theme.is_open:
        return
    theme.state, theme.answer = Theme.State.DECLINED, answer
    theme.save(update_fields=["state", "answer"])
    tell(
        [theme.proposed_by_id],
        kind=Notification.Kind.THEME_DECLINED,
        key=f"theme:{theme.pk}",
        target=theme,
        actor=by,
    )


def post_due_prompts() -> int:
    """Post the prompts whose day has come, each once; how many there were.

    Those of a week that is over are let be: nobody posts a Tuesday's question a
    month later.
    """
    today = site_day()
    running = Prompt.objects.filter(
        topic=None,
        week__starts_on__lte=today,
        week__starts_on__gt=today - dt.timedelta(days=DAYS),
    ).select_related("week")
    return sum(_post(it.pk) for it in running if it.asked_on <= today)


@transaction.atomic
def _post(prompt_id: int) -> int:
    prompt = (
        Prompt.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("week__space", "week__host")
        .filter(pk=prompt_id, topic=None)
        .first()
    )
    if prompt is None or not _may_host(prompt.week):
        return 0
    try:
        prompt.topic = start_topic(
            author=prompt.week.host,
            kind=Topic.Kind.DISCUSSION,
            title=prompt.title,
            body=prompt.text,
            space=prompt.week.space,
            form_key=uuid5(PROMPTS, str(prompt.pk)),
        )
    except TooManyPosts:  # the host is writing: the next time, then
        return 0
    prompt.save(update_fields=["topic"])
    return 1


def _may_host(week: ThemeWeek) -> bool:
    """Nothing is posted in the name of who could not write there now."""
    host = week.host
    if host.is_suspended or host.is_muted or host.erased_at:
        return False
    return Space.objects.visible_to(host).filter(pk=week.space_id).exists()


@transaction.atomic
def summarise(*, week: ThemeWeek, by: User, title: str, body: str) -> Topic:
    """Post the summary of a week; a week has one. Raises TooManyPosts."""
    week = ThemeWeek.objects.select_for_update(of=("self",)).get(pk=week.pk)
    if week.summary:
        return week.summary
    week.summary = start_topic(
        author=by,
        kind=Topic.Kind.DISCUSSION,
        title=title,
        body=body,
        space=week.space,
    )
    week.save(update_fields=["summary"])
    return week.summary


@dataclass(frozen=True)
class WeekFacts:
    topics: int
    posts: int
    people: int


def facts_of(week: ThemeWeek) -> WeekFacts:
    """How much was said under the week's prompts, and by how many."""
    counts = _said_in(week).aggregate(
        topics=Count("topic", distinct=True),
        posts=Count("pk", filter=Q(number__gt=1)),
        people=Count("author", distinct=True, filter=Q(number__gt=1)),
    )
    return WeekFacts(**counts)


def summary_to_begin_with(week: ThemeWeek) -> str:
    """What the host's summary may start from: who took part, and what was thanked for
    most, quoted with its address."""
    facts = facts_of(week)
    best = (
        _said_in(week)
        .filter(number__gt=1, like_count__gt=0)
        .select_related("topic", "author")
        .order_by("-like_count", "pk")[:BEST_POSTS]
    )
    with translation.override(community.current().language):
        lines = [
            ngettext(
                "One of us wrote %(posts)s posts about “%(title)s”.",
                "%(people)s of us wrote %(posts)s posts about “%(title)s”.",
                facts.people,
            )
            % {"people": facts.people, "posts": facts.posts, "title": week.title}
        ]
        if best:
            lines.append("## " + _("What was thanked for most"))
        lines += [_quoted(post) for post in best]
        lines += ["## " + _("What we take along"), ""]
    return "\n\n".join(lines)


def _quoted(post: Post) -> str:
    words = " ".join(Truncator(post.body).chars(EXCERPT).split())
    address = settings.SITE_URL + post.get_absolute_url()
    return f"> {words}\n\n— [{escaped(str(post.author))}]({address})"


def _said_in(week: ThemeWeek) -> QuerySet[Post]:
    return Post.objects.filter(
        topic__in=week.prompts.exclude(topic=None).values("topic"),
        topic__hidden_at=None,
        hidden_at=None,
    )


def running(reader: User) -> list[ThemeWeek]:
    """The weeks of today in spaces that this reader may enter."""
    today = site_day()
    weeks = ThemeWeek.objects.filter(
        starts_on__lte=today,
        starts_on__gt=today - dt.timedelta(days=DAYS),
        space__in=Space.objects.visible_to(reader),
    )
    return list(weeks.select_related("space")[:3])


def shown_to(member: User, numbers: list[int]) -> dict[int, tuple[str, str]]:
    """For news about themes: (title, address); of a week where its member may go."""
    themes = Theme.objects.filter(pk__in=numbers).select_related("week")
    open_weeks = set(
        ThemeWeek.objects.filter(
            theme__in=themes, space__in=Space.objects.visible_to(member)
        ).values_list("pk", flat=True)
    )
    return {it.pk: (it.title, _address_of(it, open_weeks)) for it in themes}


def _address_of(theme: Theme, open_weeks: set[int]) -> str:
    week = getattr(theme, "week", None)
    if week and week.pk in open_weeks:
        return f"/themes/weeks/{week.pk}/"
    return "/themes/"


def _hold(theme_id: int) -> Theme:
    return Theme.objects.select_for_update(of=("self",)).get(pk=theme_id)
