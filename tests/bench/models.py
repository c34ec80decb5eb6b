"""What the models cost: `make bench-models [BENCH_MEMBERS=100000]`.

A night with all months of history against a night with one, and a fit against one
pass over a column of the same table. Fails where a bar is missed.
"""

import argparse
import datetime as dt
import sys
import time
from statistics import median

from tests.bench.database import peak_memory, scratch_database

NIGHT = 1.5
ONE_PASS, WITH_SECOND_SCAN = 8, 25
ADDED_MEMORY = 20
PER_MEMBER_AND_MONTH = 6
TODAY = dt.date(2026, 1, 1)


def fill_members(space, members):
    from accounts.models import SpaceMember, User

    joined = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    for start in range(0, members, 5_000):
        users = User.objects.bulk_create(
            User(username=f"bench-{n}", date_joined=joined)
            for n in range(start, min(start + 5_000, members))
        )
        SpaceMember.objects.bulk_create(
            SpaceMember(
                space=space, member=user, external_key=user.username, joined_at=joined
            )
            for user in users
        )


def fill_activity(space, first: dt.date, last: dt.date, rows: int) -> None:
    """Lines spread over the days, in order; a third of the members do most."""
    from django.db import connection

    from accounts.services.activity import ensure_partitions

    ensure_partitions(first, last)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH m AS (SELECT array_agg(member_id ORDER BY member_id) AS ids
                FROM accounts_spacemember WHERE space_id = %(space)s)
            INSERT INTO accounts_activity
                (at, ingested_at, member_id, space_id, verb, count)
            SELECT at, at, ids[1 + floor(power(random(), 2) * cardinality(ids))::int],
                %(space)s,
                (ARRAY['visited', 'replied', 'viewed'])[1 + floor(random() * 3)::int],
                1 + floor(random() * 5)::int
            FROM m, (
                SELECT %(first)s::timestamptz
                    + (%(last)s::timestamptz - %(first)s::timestamptz)
                    * (n::float8 / %(rows)s) AS at
                FROM generate_series(0, %(rows)s - 1) AS n
            ) lines""",
            {"space": space.pk, "first": first, "last": last, "rows": rows},
        )
        cursor.execute("ANALYZE accounts_activity")


def timed(action) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def a_night(space, rows: int) -> float:
    """Lines of one day arrive; count them up. The median of three nights."""
    from django.utils import timezone

    from analytics.models import RollUp
    from analytics.services.rollup import roll_up

    seconds = []
    for number in range(3):
        day = TODAY + dt.timedelta(days=number)
        fill_activity(space, day, day + dt.timedelta(days=1), rows)
        RollUp.objects.update(
            seen_until=timezone.make_aware(dt.datetime.combine(day, dt.time()))
        )
        seconds.append(timed(roll_up))
    return median(seconds)


def clear() -> None:
    from django.db import connection

    from analytics.models import RollUp

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE accounts_activity, analytics_memberday")
    RollUp.objects.all().delete()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=100_000)
    parser.add_argument("--months", type=int, default=12)
    options = parser.parse_args()
    failed = []

    def show(what: str, value: float, bar: float) -> None:
        print(f"{what:<44}{value:8.2f}   at most {bar}")
        if value > bar:
            failed.append(what)

    with scratch_database():
        from accounts.models import Space
        from analytics.services.rollup import roll_up

        space = Space.objects.create(slug="bench", name="Bench")
        fill_members(space, options.members)
        monthly = options.members * PER_MEMBER_AND_MONTH
        nights = {}
        for months in (1, options.months):
            clear()
            first = TODAY - dt.timedelta(days=30 * months)
            fill_activity(space, first, TODAY, monthly * months)
            whole = timed(roll_up)
            nights[months] = a_night(space, monthly // 30)
            print(
                f"{months:>2} months: all {monthly * months:,} lines {whole:.1f} s, "
                f"a night {nights[months]:.2f} s"
            )
        show(
            "a night with all months / with one",
            nights[options.months] / nights[1],
            NIGHT,
        )
        measure_fit(space, show)
    for what in failed:
        print(f"Missed: {what}")
    return 1 if failed else 0


def measure_fit(space, show) -> None:
    from django.db import connection

    from analytics import datasets
    from analytics.numerics.sums import total
    from analytics.services import activity_model

    snapshot = TODAY - dt.timedelta(days=28)

    def column() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT sum(visits) FROM activity_snapshot")

    with datasets.activity_snapshot(space, [snapshot]):
        one = median(timed(column) for _ in range(5))
        sums = median(timed(lambda: datasets.group_sums({})) for _ in range(3))
        fit = activity_model.fit_table(snapshot, {})
        before = peak_memory()
        whole = timed(lambda: activity_model.fit_table(snapshot, {}))
        added = peak_memory() - before
        parts = total(datasets.group_sums({}).values())
        second = median(
            timed(
                lambda: datasets.judge(
                    {part.fold: part.fit.parameters for part in fit.held_out},
                    dict.fromkeys(range(5), 0.0),
                    {},
                    fit=fit.fit,
                    sums=parts,
                )
            )
            for _ in range(3)
        )
    print(f"a fit with its evaluation {whole:.2f} s; one column {one * 1000:.0f} ms")
    show("first scan / one column", sums / one, ONE_PASS)
    show("both scans / one column", (sums + second) / one, WITH_SECOND_SCAN)
    show("added memory of a fit, MB", added, ADDED_MEMORY)


if __name__ == "__main__":
    sys.exit(main())
