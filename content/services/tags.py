"""Tags: proposed from the text, confirmed by people, merged without loss."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models.functions import Lower
from taggit.models import Tag, TaggedItem

from accounts.models import Interest
from community.lib.words import is_han, runs_of, stem_of, words_of
from content.errors import TooManyTags
from content.models import (
    Item,
    Lesson,
    SearchDocument,
    SearchWord,
    TagRefusal,
    TagSynonym,
)
from content.services.stopwords import STOPWORDS
from content.services.texts import texts_of

MOST_PROPOSED = 8
MOST_OF_AN_ITEM = 20
LONGEST_NAME = 40  # characters
MOST_READ = 200_000  # characters of a text
MOST_TAGS = 5000  # known ones that a text is compared with
NAMES_LOCK = 20260030  # as in the trigger on the names
KNOWN = 3.0  # how much more a tag that exists already counts than a new word
WEIGHTS = {"title": 3, "summary": 2}  # of a word there, next to one in the text
FEWEST_DOCUMENTS = 20  # before then, the corpus does not know what is common
COMMON = 0.3  # of the documents: a word in more of them says nothing


@dataclass(frozen=True)
class Proposal:
    name: str
    score: float
    is_known: bool


def proposals_for(item: Item) -> list[Proposal]:
    """The best names for what the item is about, best first: by TF-IDF over the own
    corpus (Salton and Buckley 1988: (1 + ln tf) · ln((N + 1) / (df + 1))), tags that
    exist before new words; without those it has, and those refused."""
    counts = _counts(item)
    has = {_plain(name) for name in item.tags.names()}
    has |= {_plain(it.name) for it in item.refused_tags.all()}
    found = _known_tags(counts.whole) + _new_words(counts)
    best: dict[str, Proposal] = {}
    for proposal in sorted(found, key=lambda it: (-it.score, it.name)):
        best.setdefault(_key(proposal.name), proposal)
    return [it for it in best.values() if _plain(it.name) not in has][:MOST_PROPOSED]


@dataclass(frozen=True)
class Counts:
    """How often each word occurs, plainly and weighed by where; and all in one line."""

    times: Counter[str]
    weighed: Counter[str]
    whole: str


def _counts(item: Item) -> Counts:
    times: Counter[str] = Counter()
    weighed: Counter[str] = Counter()
    lines = []
    for place, text in _texts(item):
        weight = WEIGHTS.get(place, 1)
        for word in words_of(text[:MOST_READ]):
            times[word] += 1
            weighed[word] += weight
        lines.append(" ".join(run for _at, run in runs_of(text[:MOST_READ])))
    return Counts(times, weighed, f" {' '.join(lines)} ")


def _texts(item: Item) -> list[tuple[str, str]]:
    texts = list(texts_of(item).items())
    for lesson in Lesson.objects.filter(section__item=item).only("title", "body"):
        texts += [("summary", lesson.title), ("body", lesson.body)]
    return texts


def _known_tags(whole: str) -> list[Proposal]:
    """Tags whose name, or another name of theirs, occurs in the text."""
    names = [(tag.name, tag.name) for tag in Tag.objects.order_by("pk")[:MOST_TAGS]]
    names += TagSynonym.objects.values_list("name", "tag__name")[:MOST_TAGS]
    times = {(name, tag): _occurrences(name, whole) for name, tag in names}
    documents = _documents([_plain(name) for (name, _tag), n in times.items() if n])
    return [
        Proposal(tag, KNOWN * _score(n, documents.get(_plain(name), 0)), True)
        for (name, tag), n in times.items()
        if n
    ]


def _occurrences(name: str, whole: str) -> int:
    line = " ".join(run for _at, run in runs_of(name))
    if not line:
        return 0
    return whole.count(line) if is_han(line) else whole.count(f" {line} ")


def _new_words(counts: Counts) -> list[Proposal]:
    """Words that come back: what is said only once is not what a text is about."""
    telling = [word for word, n in counts.times.items() if n > 1 and _may_tell(word)]
    documents = _documents(telling)
    total = _corpus()
    return [
        Proposal(
            word, _score(counts.weighed[word], documents.get(word, 0), total), False
        )
        for word in telling
        if not _is_common(documents.get(word, 0), total)
    ]


def _may_tell(word: str) -> bool:
    long_enough = len(word) >= (2 if is_han(word) else 4)
    return long_enough and word not in STOPWORDS and not word.isdecimal()


def _is_common(documents: int, total: int) -> bool:
    return total >= FEWEST_DOCUMENTS and documents > COMMON * total


def _score(times: int, documents: int, total: int | None = None) -> float:
    total = _corpus() if total is None else total
    rarity = math.log((max(total, documents) + 1) / (documents + 1)) + 1
    return (1 + math.log(times)) * rarity


def _corpus() -> int:
    return SearchDocument.objects.filter(is_inside=False).count()


def _documents(words: Iterable[str]) -> dict[str, int]:
    """In how many of the house's texts each word stands, as counted last night."""
    rows = SearchWord.objects.filter(word__in=list(words))
    return dict(rows.values_list("word", "documents"))


def _plain(name: str) -> str:
    return " ".join(name.lower().split())


def _key(name: str) -> str:
    """Alike for what differs by its ending or its case only."""
    return " ".join(stem_of(word) for word in _plain(name).split())


# What people decide ---------------------------------------------------------------


@transaction.atomic
def decide(*, item: Item, takes: Sequence[str], refuses: Sequence[str]) -> None:
    """Give the item these tags; what it refuses is not proposed again.

    Raises TooManyTags.
    """
    Item.objects.select_for_update(of=("self",)).get(pk=item.pk)
    set_tags(item=item, names=[*item.tags.names(), *takes])
    TagRefusal.objects.bulk_create(
        [TagRefusal(item=item, name=_plain(name)) for name in refuses],
        ignore_conflicts=True,
    )


def set_tags(*, item: Item, names: Iterable[str]) -> None:
    """These and no others. The item's row must be held. Raises TooManyTags."""
    item.tags.set(accepted(item, names))


def accepted(item: Item, names: Iterable[str]) -> list[str]:
    """The tags that are meant, if they may be this item's: what it has already may
    stay, also where it was imported with more. Raises TooManyTags."""
    meant = canonical(names)
    has = set(item.tags.names()) if item.pk else set()
    new = [name for name in meant if name not in has]
    is_longer = len(meant) > max(MOST_OF_AN_ITEM, len(has))
    if is_longer or any(len(name) > LONGEST_NAME for name in new):
        raise TooManyTags
    return meant


def canonical(names: Iterable[str]) -> list[str]:
    """The names of the tags that are meant by what was typed, each once; in which
    case it was typed means nothing."""
    typed: dict[str, str] = {}
    for name in names:
        typed.setdefault(_plain(name), name)
    meant = typed | _named(typed)
    return list(dict.fromkeys(meant.values()))


def _named(plain: Iterable[str]) -> dict[str, str]:
    """The tags that exist by these names, or by other names of theirs."""
    names = list(plain)
    tags = Tag.objects.annotate(plain=Lower("name")).filter(plain__in=names)
    others = TagSynonym.objects.annotate(plain=Lower("name")).filter(plain__in=names)
    return {
        **dict(tags.values_list("plain", "name")),
        **dict(others.values_list("plain", "tag__name")),
    }


def slug_meant(slug: str) -> str:
    """The slug of the tag that an address means, also by another name of it."""
    synonym = TagSynonym.objects.filter(slug=slug).select_related("tag").first()
    return synonym.tag.slug if synonym else slug


@transaction.atomic
def merge(*, tags: Sequence[Tag], into: Tag) -> None:
    """One tag in place of several: items, spaces and followers keep it, and the names
    that go become other names of it."""
    from content import tasks  # who need the services themselves

    _name_nothing_else()
    gone = [tag for tag in tags if tag.pk != into.pk]
    of_items = TaggedItem.objects.filter(tag__in=gone)
    items = list(
        of_items.filter(content_type__model="item").values_list("object_id", flat=True)
    )
    for tag in gone:
        _move(tag, into)
    for tag in gone:
        TagSynonym.objects.filter(tag=tag).update(tag=into)
        name, slug = tag.name, tag.slug
        tag.delete()  # first: a name is a tag's, or another name of one
        TagSynonym.objects.create(name=name, slug=slug, tag=into)
    tasks.index_documents.delay_on_commit(SearchDocument.Kind.ITEM, items)


def _name_nothing_else() -> None:
    """Whoever names a tag waits for the same lock (see the trigger) before changing
    what carries it: taken in the other order, two would wait for one another."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [NAMES_LOCK])


def _move(tag: Tag, into: Tag) -> None:
    """What carries the one carries the other, once."""
    for carried in TaggedItem.objects.filter(tag=tag):
        same = {
            "content_type": carried.content_type_id,
            "object_id": carried.object_id,
        }
        if not TaggedItem.objects.filter(tag=into, **same).exists():
            TaggedItem.objects.filter(pk=carried.pk).update(tag=into)
    followers = Interest.objects.filter(tag=into).values("member")
    Interest.objects.filter(tag=tag).exclude(member__in=followers).update(tag=into)
