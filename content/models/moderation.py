"""Keeping order: what waits to be looked at, what was decided, and by which measure."""

import uuid
from typing import cast

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Rule, Space
from content.models.discussions import Post, Topic
from content.models.items import Item
from content.models.live import LiveMessage, LiveQuestion
from content.models.ratings import Rating


class ModerationPolicy(models.Model):
    """How contributions are let in, in one space; without a space, in all that have no
    row of their own."""

    class Mode(models.TextChoices):
        AFTER = "after", _("Posted at once, looked at when something is wrong")
        FIRST = "first", _("The first posts of a member are looked at before")
        ALL = "all", _("Everything is looked at before")

    space = models.ForeignKey(
        Space,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="moderation",
        verbose_name=_("space"),
        help_text=_("Empty: everywhere else."),
    )
    mode = models.CharField(
        _("moderation"), max_length=5, choices=Mode, default=Mode.AFTER
    )
    first_posts = models.PositiveSmallIntegerField(
        _("first posts to look at"), default=2
    )
    exempt_level = models.PositiveSmallIntegerField(
        _("not from this level on"),
        null=True,
        blank=True,
        help_text=_("Empty: no level exempts."),
    )
    trusted_posts = models.PositiveSmallIntegerField(
        _("posts that make trusted"),
        default=20,
        help_text=_(
            "Whoever has so many that stand, and had none refused in 90 days, is not "
            "held. 0: nobody is trusted for that."
        ),
    )
    most_links = models.PositiveSmallIntegerField(
        _("links in a post of a new member"), default=2
    )
    burst = models.PositiveSmallIntegerField(
        _("posts of new members in a minute"),
        default=20,
        help_text=_(
            "All together. What comes above it waits, as long as they storm. Of "
            "members who write for the first time, a fifth of it is a storm, and a "
            "tenth of it within five seconds."
        ),
    )
    reports_hide = models.PositiveSmallIntegerField(
        _("reports that hide a post"),
        default=4,
        help_text=_(
            "Until somebody has looked. A report counts for more or less than one by "
            "how often its reporter was right. 0: none hide it."
        ),
    )

    class Meta:
        verbose_name = _("moderation setting")
        verbose_name_plural = _("moderation settings")
        constraints = [
            models.UniqueConstraint(
                fields=["space"],
                nulls_distinct=False,
                name="moderation_once_per_space",
                violation_error_message=_("There are settings for it already."),
            ),
        ]

    def __str__(self):
        return str(self.space or _("Everywhere else"))


class WatchedWord(models.Model):
    """A word or phrase that somebody has to look at, where it stands as a word."""

    class Effect(models.TextChoices):
        HOLD = "hold", _("Wait until somebody has looked")
        FLAG = "flag", _("Post it, and look afterwards")

    word = models.CharField(_("word or phrase"), max_length=80, unique=True)
    effect = models.CharField(
        _("what happens"), max_length=4, choices=Effect, default=Effect.HOLD
    )
    with_forms = models.BooleanField(
        _("also its other forms"),
        default=True,
        help_text=_("In English: “buy” finds “buying”, too."),
    )
    note = models.CharField(_("why"), max_length=200, blank=True)
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)

    class Meta:
        ordering = ["word"]
        verbose_name = _("watched word")
        verbose_name_plural = _("watched words")

    def __str__(self):
        return self.word


class KnownDomain(models.Model):
    """Where links may lead, or may not; what is on neither list counts as a link."""

    domain = models.CharField(
        _("domain"), max_length=200, unique=True, help_text=_("With all below it.")
    )
    is_allowed = models.BooleanField(
        _("links to it are fine"),
        default=True,
        help_text=_("Otherwise every post with one waits."),
    )

    class Meta:
        ordering = ["domain"]
        verbose_name = _("known domain")
        verbose_name_plural = _("known domains")

    def __str__(self):
        return self.domain


class TextTrace(models.Model):
    """That somebody wrote something, for a day: so many of new members in a minute are
    a storm, and the same text again is seen by its print.

    Near texts have parts of their prints in common, so they are found by index.
    """

    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="text_traces"
    )
    post = models.ForeignKey(
        Post, on_delete=models.CASCADE, null=True, related_name="+"
    )
    is_new_member = models.BooleanField(default=False)
    at = models.DateTimeField(default=timezone.now)
    print = ArrayField(models.IntegerField(), null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["at"], condition=Q(is_new_member=True), name="trace_of_new"
            ),
            models.Index(fields=["at"], name="trace_at"),
            GinIndex(fields=["print"], name="trace_print"),
        ]

    def __str__(self):
        return f"{self.author_id} {self.at}"


class Case(models.Model):
    """One thing that somebody has to look at: a contribution that waits to be posted,
    or what was reported: a post, a rating, a line in a live room, or the page of its
    author.

    What waits is kept as the arguments of the service that posts it, and no list,
    page, search or piece of news knows of it; a line in a live room stands there
    already, hidden from all but its hosts. A closed case is kept: what was decided, by
    whom and why stands in its decisions.
    """

    activity_kind = "case"

    class What(models.TextChoices):
        TOPIC = "topic", _("New topic")
        REPLY = "reply", _("Reply")
        EDIT = "edit", _("Changed post")
        REPORT = "report", _("Reported post")
        RATING = "rating", _("Reported rating")
        MEMBER = "member", _("Reported member page")
        SAID = "said", _("Line in a live room")
        LINE = "line", _("Reported line in a live room")

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", _("Let through")
        REJECTED = "rejected", _("Not let through")
        WITHDRAWN = "withdrawn", _("Withdrawn by its author")
        UPHELD = "upheld", _("Hidden")
        DISMISSED = "dismissed", _("Nothing wrong with it")

    HELD = (What.TOPIC, What.REPLY, What.EDIT, What.SAID)

    what = models.CharField(_("what"), max_length=6, choices=What)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="cases",
        verbose_name=_("author"),
    )
    # Where: the space decides who sees it; the others name what it belongs to.
    space = models.ForeignKey(
        Space,
        on_delete=models.PROTECT,
        null=True,
        related_name="cases",
        verbose_name=_("space"),
    )
    item = models.ForeignKey(
        Item,
        on_delete=models.CASCADE,
        null=True,
        related_name="cases",
        verbose_name=_("item"),
    )
    topic = models.ForeignKey(
        Topic,
        on_delete=models.CASCADE,
        null=True,
        related_name="cases",
        verbose_name=_("topic"),
    )
    # What is reported or changed, or what came of it once it was posted.
    post = models.ForeignKey(
        Post,
        on_delete=models.CASCADE,
        null=True,
        related_name="cases",
        verbose_name=_("post"),
    )
    rating = models.ForeignKey(
        Rating,
        on_delete=models.CASCADE,
        null=True,
        related_name="cases",
        verbose_name=_("rating"),
    )
    message = models.ForeignKey(
        LiveMessage,
        on_delete=models.CASCADE,
        null=True,
        related_name="cases",
        verbose_name=_("message in a live room"),
    )
    question = models.ForeignKey(
        LiveQuestion,
        on_delete=models.CASCADE,
        null=True,
        related_name="cases",
        verbose_name=_("question in a live room"),
    )
    arguments = models.JSONField(_("what was written"), default=dict)
    reasons = models.JSONField(_("why it waits"), default=list)
    form_key = models.UUIDField(
        _("key of the form"), null=True, blank=True, editable=False
    )
    weight = models.FloatField(_("weight of the reports"), default=0)
    created_at = models.DateTimeField(_("waits since"), default=timezone.now)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="claimed_cases",
        verbose_name=_("looked at by"),
    )
    claimed_at = models.DateTimeField(_("looked at since"), null=True)
    closed_at = models.DateTimeField(_("closed at"), null=True)
    outcome = models.CharField(_("outcome"), max_length=9, choices=Outcome, blank=True)

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        indexes = [
            # The queue, of one space and of all, the oldest first.
            models.Index(
                fields=["created_at", "id"],
                condition=Q(closed_at=None),
                name="case_waiting",
            ),
            models.Index(
                fields=["space", "created_at", "id"],
                condition=Q(closed_at=None),
                name="case_waiting_in_space",
            ),
            models.Index(
                F("author"), F("created_at").desc(), F("id").desc(), name="case_of"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["author", "form_key"], name="case_once_per_form"
            ),
            models.UniqueConstraint(
                fields=["post"],
                condition=Q(what="report", closed_at=None),
                name="case_one_open_report",
            ),
            models.UniqueConstraint(
                fields=["rating"],
                condition=Q(closed_at=None),
                name="case_one_open_of_rating",
            ),
            models.UniqueConstraint(
                fields=["author"],
                condition=Q(what="member", closed_at=None),
                name="case_one_open_of_page",
            ),
            models.UniqueConstraint(
                fields=["message"],
                condition=Q(what="line", closed_at=None),
                name="case_one_open_of_message",
            ),
            models.UniqueConstraint(
                fields=["question"],
                condition=Q(what="line", closed_at=None),
                name="case_one_open_of_question",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, outcome="")
                | Q(closed_at__isnull=False) & ~Q(outcome=""),
                name="case_closed_with_an_outcome",
            ),
            models.CheckConstraint(
                condition=Q(what="topic")
                | Q(what="reply", topic__isnull=False)
                | Q(what__in=["edit", "report"], post__isnull=False)
                | Q(what="rating", rating__isnull=False)
                | Q(what="member")
                | Q(what__in=["said", "line"], message__isnull=False)
                | Q(what__in=["said", "line"], question__isnull=False),
                name="case_is_about_something",
            ),
        ]

    def __str__(self):
        return f"{self.get_what_display()} {self.pk}"

    def get_absolute_url(self):
        return f"/held/{self.pk}/"

    @property
    def is_held(self) -> bool:
        return self.what in self.HELD

    @property
    def subject(self) -> Post:
        """The post that is changed or was reported: a constraint says there is one."""
        return cast("Post", self.post)

    @property
    def line(self) -> LiveMessage | LiveQuestion | None:
        return self.message or self.question

    @property
    def title(self) -> str:
        if self.what == self.What.MEMBER:
            return str(self.author)
        if self.line:
            return self.line.room.event.title
        if self.rating:
            return self.rating.item.title
        said = self.arguments.get("title")
        return str(said or (self.topic.title if self.topic else ""))

    @property
    def body(self) -> str:
        if self.what == self.What.REPORT and self.post:
            return self.post.body
        if self.what == self.What.LINE and self.line:
            return self.line.body
        if self.what == self.What.MEMBER:
            return self.author.about
        if self.rating:
            return self.rating.words
        return str(self.arguments.get("body", ""))


class PostReport(models.Model):
    """That a member finds something wrong with a post, a rating, a line in a live room
    or a member's page: once for each post, and once while the case of the others is
    open. Without a member it is our own check that found it."""

    activity_kind = "report"

    class Reason(models.TextChoices):
        SPAM = "spam", _("Advertising or spam")
        ABUSE = "abuse", _("It insults or threatens somebody")
        PLACE = "place", _("It does not belong here")
        ILLEGAL = "illegal", _("It breaks the law")
        OTHER = "other", _("Something else")
        WORD = "word", _("It has a watched word")
        BURST = "burst", _("It came with a storm of posts")
        LEARNED = "learned", _("It resembles what was not let through")

    case = models.ForeignKey(
        Case, on_delete=models.CASCADE, related_name="reports", verbose_name=_("case")
    )
    post = models.ForeignKey(
        Post,
        on_delete=models.CASCADE,
        null=True,
        related_name="reports",
        verbose_name=_("post"),
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="reports",
        verbose_name=_("reported by"),
    )
    reason = models.CharField(_("what is wrong"), max_length=8, choices=Reason)
    words = models.CharField(_("in words"), max_length=500, blank=True)
    weight = models.FloatField(_("weight"), default=1)
    created_at = models.DateTimeField(_("reported at"), default=timezone.now)
    # What came of it: the record that the weight of the next one rests on.
    upheld = models.BooleanField(_("was right"), null=True)

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        indexes = [
            models.Index(fields=["member", "-created_at"], name="report_of_member"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["member", "post"], name="report_once_per_post"
            ),
            models.UniqueConstraint(
                fields=["member", "case"], name="report_once_per_case"
            ),
        ]

    def __str__(self):
        return f"{self.member_id} reports {self.post_id or self.case_id}"


class Decision(models.Model):
    """What somebody decided on a case; written once, and undone by saying so.

    `rule` is the rule of the community that it rests on. `features` says of the text
    what can be counted, so that later checks may learn from it without keeping it.
    """

    class Act(models.TextChoices):
        ACCEPT = "accept", _("Let through")
        EDIT = "edit", _("Changed and let through")
        REJECT = "reject", _("Not let through")
        HIDE = "hide", _("Hidden")
        DISMISS = "dismiss", _("Left as it is")

    case = models.ForeignKey(
        Case, on_delete=models.CASCADE, related_name="decisions", verbose_name=_("case")
    )
    act = models.CharField(_("decision"), max_length=7, choices=Act)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="moderation_decisions",
        verbose_name=_("decided by"),
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    rule = models.ForeignKey(
        Rule,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("rule"),
    )
    at = models.DateTimeField(_("decided at"), default=timezone.now)
    # What stood before: the author's words, or the post before its change.
    before = models.JSONField(_("as it was"), default=dict)
    features = models.JSONField(_("features of the text"), default=dict)
    # Decided in one go, undone in one go.
    batch = models.UUIDField(_("decided together with"), default=uuid.uuid4)
    undone_at = models.DateTimeField(_("undone at"), null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("undone by"),
    )

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        indexes = [
            models.Index(F("by"), F("at").desc(), name="decision_by"),
            models.Index(F("at").desc(), F("id").desc(), name="decision_latest"),
            models.Index(fields=["batch"], name="decision_batch"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(undone_at=None),
                name="decision_one_in_force",
            ),
        ]

    def __str__(self):
        return f"{self.get_act_display()} ({self.case_id})"


class CannedReason(models.Model):
    """A reason that is given often, ready to be chosen."""

    text = models.CharField(_("reason"), max_length=300)

    class Meta:
        ordering = ["text"]
        verbose_name = _("ready reason")
        verbose_name_plural = _("ready reasons")

    def __str__(self):
        return self.text
