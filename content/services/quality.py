"""How good an item is thought to be, with how sure that is.

Few stars say little, so every item's mean is drawn towards the mean of all: the
empirical Bayes estimate of a normal mean (Efron and Morris, 1975). With n stars of an
item, their mean m, the variance s² of stars within an item, and mean M and variance t²
between items, the estimate is (n m / s² + M / t²) / (n / s² + 1 / t²), and its variance
1 / (n / s² + 1 / t²).
"""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import Avg, Count, F, Q, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import Activity, Verb
from accounts.services.activity import record_activity
from content.models import Item, QualityMark, Rating
from content.models.items import Z
from content.services.editorial import authors_of

PRIOR_IS_KEPT = 3600  # seconds


@dataclass(frozen=True)
class Prior:
    """What is known of any item before the first star; variances in stars squared."""

    mean: float
    within: float
    between: float

    @property
    def low(self) -> float:
        """What an item surely has that nobody rated."""
        return self.mean - Z * math.sqrt(self.between)


# Before a community has stars of its own: good, as stars mostly are, and unsure.
UNKNOWN = Prior(mean=4.0, within=1.0, between=0.25)
ENOUGH_ITEMS = 20

MOMENTS = """
WITH each AS (
    SELECT item_id, count(*) AS n, avg(stars) AS mean,
           coalesce(var_samp(stars), 0) AS variance
      FROM content_rating WHERE hidden_at IS NULL GROUP BY item_id
)
SELECT count(*), sum(n), avg(mean), coalesce(var_samp(mean), 0),
       sum((n - 1) * variance) / nullif(sum(n - 1), 0), avg(1.0 / n)
  FROM each
"""


def prior() -> Prior:
    """Of all items that were rated; an hour old at most."""
    kept: Prior | None = cache.get_or_set("quality_prior", _prior, PRIOR_IS_KEPT)
    return kept or UNKNOWN


def _prior() -> Prior:
    with connection.cursor() as cursor:
        cursor.execute(MOMENTS)
        items, _n, mean, spread, within, shrink = cursor.fetchone()
    if items < ENOUGH_ITEMS or not within:
        return UNKNOWN
    # The means of items spread by what they differ in and by what stars scatter.
    between = max(float(spread) - float(within) * float(shrink), 0.01)
    return Prior(float(mean), float(within), between)


def estimate(number: int, mean: float, known: Prior) -> tuple[float, float]:
    """The item's mean and its standard deviation, in stars."""
    weight = number / known.within + 1 / known.between
    value = (number * mean / known.within + known.mean / known.between) / weight
    return value, math.sqrt(1 / weight)


def update(item: Item) -> None:
    """The item's figures after a star was given, changed or hidden."""
    told = Rating.objects.filter(item=item, hidden_at=None).aggregate(
        number=Count("pk"), mean=Avg("stars")
    )
    value, sd = None, None
    if told["number"]:
        value, sd = estimate(told["number"], told["mean"], prior())
    Item.objects.filter(pk=item.pk).update(
        ratings=told["number"], quality=value, quality_sd=sd
    )


# One statement for every item: the night's work is that of the rows that differ.
UPDATE_ALL = """
WITH stars AS (
    SELECT item_id, count(*) AS n, avg(stars)::float AS mean
      FROM content_rating WHERE hidden_at IS NULL GROUP BY item_id
), told AS (
    SELECT item.id, coalesce(stars.n, 0) AS n,
           (stars.n * stars.mean / %(within)s + %(mean)s / %(between)s)
               / (stars.n / %(within)s + 1 / %(between)s) AS quality,
           sqrt(1 / (stars.n / %(within)s + 1 / %(between)s)) AS sd,
           (SELECT count(*) FROM content_enrolment WHERE item_id = item.id) AS taken
      FROM content_item AS item LEFT JOIN stars ON stars.item_id = item.id
)
UPDATE content_item AS item
   SET ratings = told.n, quality = told.quality, quality_sd = told.sd,
       taken = told.taken
  FROM told
 WHERE told.id = item.id
   AND (item.ratings, item.taken) IS DISTINCT FROM (told.n, told.taken)
    OR told.id = item.id AND item.quality IS DISTINCT FROM told.quality
"""


def update_all() -> int:
    """Each night, with the prior of the day; how many items changed."""
    cache.delete("quality_prior")
    known = prior()
    with connection.cursor() as cursor:
        cursor.execute(
            UPDATE_ALL,
            {"mean": known.mean, "within": known.within, "between": known.between},
        )
        return cursor.rowcount


@dataclass(frozen=True)
class Standing:
    """How an item stands, as its page says it: the mean with its interval."""

    number: int
    value: float
    low: float
    high: float


def standing_of(item: Item) -> Standing | None:
    if not item.ratings or item.quality is None or item.quality_sd is None:
        return None
    reach = Z * item.quality_sd
    low, high = max(1.0, item.quality - reach), min(5.0, item.quality + reach)
    return Standing(item.ratings, item.quality, low, high)


# What follows from it ---------------------------------------------------------------

PER_STAR = 0.1  # how much one star lifts, next to what somebody looks for
LEVELS = (4.0, 4.5)  # stars that an item surely has


def surely() -> Coalesce:
    """The lower bound to sort by: what nobody rated stands where it is unknown."""
    return Coalesce(F("quality_low"), Value(prior().low))


def weights_of(numbers: Sequence[int]) -> list[float]:
    """By how much each of these items is worth more than one that nobody rated."""
    unknown = prior().low
    rated = Item.objects.filter(quality_low__isnull=False)
    lows: dict[int, float] = dict(rated.values_list("pk", "quality_low"))
    return [1 + PER_STAR * (lows.get(pk, unknown) - unknown) for pk in numbers]


def tell_reached() -> int:
    """Note each level that an item has surely reached, and tell the log of it for its
    authors; once, however the stars go on."""
    told = 0
    for stars in LEVELS:
        reached = Item.objects.live().filter(quality_low__gte=stars)
        for item in reached.exclude(quality_marks__stars=stars):
            told += _reach(item, stars)
    return told


@transaction.atomic
def _reach(item: Item, stars: float) -> bool:
    mark, is_new = QualityMark.objects.get_or_create(item=item, stars=stars)
    if is_new:
        for author in authors_of(item):
            record_activity(
                member=author,
                verb=Verb.QUALITY_REACHED,
                target=mark,
                space=item.space_id,
                item=item.pk,
            )
    return is_new


PROVES_WRONG_IN = dt.timedelta(days=30)
CHANCE = 0.25  # stars by which the lower bound may sink without saying anything


def tell_lost() -> int:
    """The same of levels that proved wrong soon after: stars that were taken back, or a
    work that is no longer shown. Once for each."""
    marks = QualityMark.objects.filter(at__gte=timezone.now() - PROVES_WRONG_IN)
    sunk = marks.filter(
        ~Q(item__in=Item.objects.live()) | Q(item__quality_low__lt=F("stars") - CHANCE)
    )
    return sum(_lose(mark) for mark in sunk.select_related("item"))


@transaction.atomic
def _lose(mark: QualityMark) -> bool:
    QualityMark.objects.select_for_update().get(pk=mark.pk)
    told = Activity.objects.filter(
        at__gte=mark.at,
        verb=Verb.QUALITY_LOST,
        object_kind=QualityMark.activity_kind,
        object_id=mark.pk,
    )
    if told.exists():
        return False
    for author in authors_of(mark.item):
        record_activity(
            member=author,
            verb=Verb.QUALITY_LOST,
            target=mark,
            space=mark.item.space_id,
            item=mark.item_id,
        )
    return True
