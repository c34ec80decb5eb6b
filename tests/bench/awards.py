"""How fast a log is paid for: `make bench-awards [ROWS=1000000]`.

A half year of a community: a fifth of the deeds have a rule, with caps, fading and
streaks. Reads the log, decides, and writes awards and ledger. Fails below 20,000 rows
a second, or when a second run or a replay finds anything more.
"""

import argparse
import json
import sys
from pathlib import Path

from tests.bench.database import peak_memory, scratch_database
from tests.bench.imports import timed

FLOOR = 20_000
DAYS = 180
LOG = """
INSERT INTO accounts_activity
    (at, ingested_at, member_id, verb, object_kind, object_id, count, data)
SELECT now() - interval '1 day' * %(days)s * (n / %(rows)s::float),
       now(), first.id + (n::bigint * 7919) %% %(members)s,
       (ARRAY['visited', 'visited', 'visited', 'viewed', 'viewed', 'viewed', 'liked',
              'liked', 'voted', 'watched', 'replied', 'item_read', 'lesson_done',
              'answer_accepted', 'checked_in'])[1 + n %% 15],
       'thing', n, 1, jsonb_build_object('by', 0)
  FROM generate_series(1, %(rows)s) AS n,
       (SELECT min(id) AS id FROM accounts_user) AS first
"""


def prepare(rows: int) -> None:
    from django.db import connection
    from django.utils import timezone

    from accounts.models import User
    from accounts.services.activity import ensure_partitions
    from incentives.models import PointRule
    from incentives.services.awarding import DAY

    members = max(rows // 100, 10)
    User.objects.bulk_create(User(username=f"m{n}") for n in range(members))
    now = timezone.now()
    ensure_partitions((now - (DAYS + 1) * DAY).date(), now.date())
    PointRule.objects.all().delete()
    since = now - (DAYS + 1) * DAY
    PointRule.objects.bulk_create(
        PointRule(title="Deed", since=since, **terms)
        for terms in (
            {"verb": "lesson_done", "points": 5, "cap_day": 50, "further_percent": 80},
            {"verb": "answer_accepted", "points": 15, "cap_week": 100},
            {"verb": "checked_in", "points": 20, "turn": "streak", "turn_number": 3},
        )
    )
    with connection.cursor() as cursor:
        cursor.execute(LOG, {"rows": rows, "members": members, "days": DAYS})
        cursor.execute("ANALYZE accounts_activity, accounts_user")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    with scratch_database():
        from django.conf import settings

        from accounts.models import Activity
        from accounts.services import ledger
        from incentives.models import Award
        from incentives.services.awarding import award_all
        from incentives.services.replay import differences

        prepare(rows)
        before = peak_memory()
        paid, seconds = timed(lambda: award_all(Activity.objects.all()))
        memory = peak_memory() - before
        again, seconds_again = timed(lambda: award_all(Activity.objects.all()))
        found = len(differences(days=DAYS)) + len(ledger.check())
        written = Award.objects.count()
        folder = Path(settings.VAR_DIR) / "bench"
    speed = rows / seconds
    print(f"rows {rows:>10,}  {seconds:7.1f} s  {speed:>10,.0f} rows/s")
    print(f"written {written:,}, paid {paid:,}; added memory {memory:.0f} MB")
    print(f"again {again:,} paid in {seconds_again:.1f} s; {found} differences")
    folder.mkdir(parents=True, exist_ok=True)
    result = {
        "rows": rows,
        "awards_per_second": round(speed),
        "awards": written,
        "differences": found + again,
    }
    (folder / "awards.json").write_text(json.dumps(result, indent=2) + "\n")
    return 0 if speed >= FLOOR and not found and not again else 1


if __name__ == "__main__":
    sys.exit(main())
