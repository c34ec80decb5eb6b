"""A small history made up from a seed, and where the real ones are."""

import datetime as dt
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from django.conf import settings

from accounts.models import Activity, Space, SpaceMember, User, Verb
from accounts.services.activity import ensure_partitions
from tests.factories.accounts import make_space

SHANGHAI = ZoneInfo("Asia/Shanghai")
START = dt.date(2025, 1, 1)
DAYS = 120
SNAPSHOT = START + dt.timedelta(days=60)


def shared(name) -> Path:
    """A real history: next to the project, or where SHARED_DATA says."""
    beside = Path(settings.BASE_DIR).parent / "shared" / "data"
    folder = Path(os.environ.get("SHARED_DATA", beside)) / name
    if not folder.is_dir():
        pytest.skip(f"the history {name} is not at {folder}")
    return folder


def noon(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(12), tzinfo=SHANGHAI)


@dataclass
class History:
    """What was put into the database, kept aside to compute the truth from."""

    space: Space
    members: list[SpaceMember]
    rows: list[tuple[int, dt.date, str, int]]

    def table(self, snapshot: dt.date) -> dict[int, tuple[int, int, int, int]]:
        """member -> interactions, visits, content, target: counted the slow way."""
        counted = {}
        first = snapshot - dt.timedelta(days=27)
        last = snapshot + dt.timedelta(days=28)
        for who in self.members:
            left = who.left_at and who.left_at.astimezone(SHANGHAI).date()
            joined = who.joined_at.astimezone(SHANGHAI).date()
            if joined > first or (left and left <= snapshot):
                continue
            mine = [row for row in self.rows if row[0] == who.member_id]
            before = [row for row in mine if first <= row[1] <= snapshot]
            after = [row for row in mine if snapshot < row[1] <= last]
            counted[who.member_id] = (
                sum(n for _, _, verb, n in before if verb == "interacted"),
                len({day for _, day, _, _ in before}),
                sum(n for _, _, verb, n in before if verb == "consumed"),
                len({day for _, day, _, _ in after}),
            )
        return counted

    def folds(self) -> dict[int, int]:
        """member -> fold, from the key in the history."""
        folds = {}
        for who in self.members:
            digest = hashlib.md5(str(who.external_key).encode(), usedforsecurity=False)
            folds[who.member_id] = int(digest.hexdigest()[:8], 16) % 5
        return folds


def make_history(members=150, seed=11, slug="history") -> History:
    rng = np.random.default_rng(seed)
    space = make_space(slug, created_at=noon(START))
    ensure_partitions(START, START + dt.timedelta(days=DAYS))
    users = User.objects.bulk_create(
        User(username=f"{slug}-{n}", date_joined=noon(START)) for n in range(members)
    )
    there = SpaceMember.objects.bulk_create(
        SpaceMember(
            space=space,
            member=user,
            external_key=f"key-{n}",
            joined_at=noon(START + dt.timedelta(days=int(rng.integers(0, 40)))),
            left_at=noon(START + dt.timedelta(days=int(rng.integers(30, 120))))
            if rng.random() < 0.15
            else None,
        )
        for n, user in enumerate(users)
    )
    rows = []
    for who in there:
        habit = rng.beta(0.7, 2)
        for number in range(DAYS):
            if rng.random() > habit:
                continue
            day = START + dt.timedelta(days=number)
            rows.append((who.member_id, day, "visited", 1))
            rows += [
                (who.member_id, day, verb, int(rng.integers(1, 9)))
                for verb in ("interacted", "consumed")
                if rng.random() < 0.5
            ]
    Activity.objects.bulk_create(
        Activity(member_id=who, at=noon(day), verb=Verb(verb), count=count, space=space)
        for who, day, verb, count in rows
    )
    return History(space, there, rows)


@pytest.fixture
def history(db):
    return make_history()
