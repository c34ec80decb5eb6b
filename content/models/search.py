"""What can be found, as it is found: one row for each text and who may know of it."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils.translation import gettext_lazy as _


class SearchDocument(models.Model):
    """One text of something that can be found.

    What is behind a door has two rows: its face, which everybody may know of who may
    see the thing, and its inside, found only by those for whom it is open. `opens`,
    `level_needed` and `authors` say the same as `library.is_open`.
    """

    class Kind(models.TextChoices):
        ITEM = "item", _("Library")
        LESSON = "lesson", _("Lessons")
        POST = "post", _("Talk")
        PERSON = "person", _("People")
        EVENT = "event", _("Events")

    kind = models.CharField(max_length=6, choices=Kind)
    object_id = models.BigIntegerField()
    is_inside = models.BooleanField(default=False)
    space_id = models.BigIntegerField(null=True)
    since = models.DateTimeField()  # found from then on
    for_members = models.BooleanField(default=False)
    opens = ArrayField(models.CharField(max_length=60), default=list)
    level_needed = models.PositiveSmallIntegerField(null=True)
    authors = ArrayField(models.BigIntegerField(), default=list)
    title = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    vector = SearchVectorField()
    # Of the source's columns: differs when the source has changed.
    fingerprint = models.CharField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "object_id", "is_inside"], name="search_document_once"
            ),
        ]
        indexes = [GinIndex(fields=["vector"], name="search_words", fastupdate=False)]

    def __str__(self):
        return f"{self.kind} {self.object_id}"


class SearchWord(models.Model):
    """A word that documents have, for “did you mean”; counted each night."""

    word = models.CharField(max_length=60, primary_key=True)
    documents = models.PositiveIntegerField()

    def __str__(self):
        return self.word


class SearchSynonyms(models.Model):
    """Words that are searched for as if they were one."""

    words = ArrayField(
        models.CharField(max_length=60),
        verbose_name=_("words"),
        help_text=_("Separated by commas: AI, 人工智能, artificial intelligence."),
    )

    class Meta:
        verbose_name = _("synonyms")
        verbose_name_plural = _("synonyms")

    def __str__(self):
        return ", ".join(self.words)


class SearchDay(models.Model):
    """How many members searched for something on a day, and how many of them in vain.

    Nobody's name is beside it. A member counts once a week, so the days of a week add
    up to different members; see `services/searches.py` for what is kept and shown.
    """

    day = models.DateField()
    words = models.CharField(max_length=60)
    members = models.PositiveIntegerField(default=0)
    in_vain = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day", "words"], name="search_counted_once_a_day"
            ),
            models.CheckConstraint(
                condition=models.Q(in_vain__lte=models.F("members")),
                name="search_in_vain_is_a_search",
            ),
        ]

    def __str__(self):
        return f"{self.words} {self.day}"


class SearchMark(models.Model):
    """That somebody has been counted for some words in a week, and goes with it.

    `who` is a keyed hash of all three: neither the member nor the words can be read
    from it.
    """

    week = models.DateField(help_text="Its Monday.")
    who = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["who"], name="search_marked_once_a_week"),
        ]

    def __str__(self):
        return f"{self.week}"
