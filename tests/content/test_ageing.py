"""Whether the desk's list spends an editor's hour well, where the truth is known."""

import datetime as dt

import numpy as np
import pytest
from django.utils import timezone

from accounts.models import Activity, User, Verb
from content.models import Item, OutdatedFlag
from content.services import desk
from content.services.tags import set_tags
from tests.factories.courses import make_item
from tests.factories.writing import make_reviewer

pytestmark = pytest.mark.django_db

ITEMS, READERS, CLEARED = 80, 60, 10
HALF_LIFE = 500  # days in which half of the items grow out of date


def make_library(seed):
    """Items of all ages, of which few are read much. The older, the likelier out of
    date; of ten members who open what is, one says so. {item: its outdated views}."""
    rng = np.random.default_rng(seed)
    now = timezone.now()
    ages = rng.integers(1, 900, ITEMS)
    views = rng.poisson(rng.permutation(200 / np.arange(1, ITEMS + 1)))
    is_old = rng.random(ITEMS) > 0.5 ** (ages / HALF_LIFE)
    items = Item.objects.bulk_create(
        Item(
            kind=Item.Kind.ARTICLE,
            slug=f"item{n}",
            title=f"Item {n}",
            state=Item.State.LIVE,
            published_at=now - dt.timedelta(days=int(age)),
        )
        for n, age in enumerate(ages)
    )
    readers = list(User.objects.all())
    Activity.objects.bulk_create(
        Activity(
            member=readers[k % READERS],
            verb=Verb.VIEWED,
            object_kind="item",
            object_id=item.pk,
            at=now - dt.timedelta(days=3),
        )
        for item, number in zip(items, views, strict=True)
        for k in range(number)
    )
    OutdatedFlag.objects.bulk_create(
        OutdatedFlag(item=item, member=readers[k], text="No longer so.")
        for item, old, said in zip(items, is_old, rng.binomial(views, 0.1), strict=True)
        for k in range(said if old else 0)
    )
    outdated = (views * is_old).tolist()
    return dict(zip(items, outdated, strict=True))


def test_clearing_the_first_ten_removes_most_views_of_what_is_outdated():
    User.objects.bulk_create(
        User(username=f"reader{n}", email=f"r{n}@example.org") for n in range(READERS)
    )
    whole, by_list, by_age = 0, 0, 0
    for seed in range(5):
        outdated = make_library(seed)
        oldest = sorted(outdated, key=lambda item: item.published_at)
        whole += sum(outdated.values())
        by_list += sum(outdated[row.item] for row in desk.ageing()[:CLEARED])
        by_age += sum(outdated[item] for item in oldest[:CLEARED])
        Item.objects.all().delete()

    assert by_list > 0.5 * whole
    assert by_list > 3 * by_age


def test_the_list_goes_on_page_by_page_and_stays_with_its_tag(client):
    client.force_login(make_reviewer())
    items = [make_item(f"item{n}") for n in range(25)]
    for item in items[:22]:
        set_tags(item=item, names=["tea"])
    first, second = (
        client.get("/studio/desk/ageing/", {"tag": "tea", "page": n}) for n in (1, 2)
    )
    shown = [row.item for it in (first, second) for row in it.context["page"]]
    assert set(shown) == set(items[:22])
    assert "tag=tea&amp;page=2" in first.content.decode()
