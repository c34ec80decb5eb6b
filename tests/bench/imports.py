"""How fast a history comes in: `make bench-import [ROWS=1000000]`.

Fails below 50,000 activity lines a second.
"""

import argparse
import gzip
import random
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from tests.bench.database import peak_memory, scratch_database

FLOOR = 50_000
VERBS = ["visited", "interacted", "consumed"]


def write_history(folder: Path, rows: int) -> None:
    """A year of a community, in the order of days, as histories come."""
    dice = random.Random(1)
    members, items = max(rows // 200, 10), 300
    with gzip.open(folder / "members.csv.gz", "wt", compresslevel=1) as file:
        file.write("member,joined_on,left_on\n")
        file.writelines(f"m{n},2024-01-01,\n" for n in range(members))
    with gzip.open(folder / "items.csv.gz", "wt", compresslevel=1) as file:
        file.write("item,kind,title\n")
        file.writelines(f"i{n},page,Page {n}\n" for n in range(items))
    with gzip.open(folder / "activity.csv.gz", "wt", compresslevel=1) as file:
        file.write("on,member,verb,item,count\n")
        for n in range(rows):
            on = date(2024, 1, 1) + timedelta(days=n * 365 // rows)
            file.write(
                f"{on},m{dice.randrange(members)},{dice.choice(VERBS)},"
                f"i{dice.randrange(items)},{dice.randrange(1, 9)}\n"
            )


def timed(action):
    started = time.perf_counter()
    return action(), time.perf_counter() - started


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    with scratch_database(), tempfile.TemporaryDirectory() as name:
        from content.services.imports import import_history

        folder = Path(name)
        write_history(folder, rows)
        before = peak_memory()
        first, seconds = timed(lambda: import_history(folder=folder, space_name="b"))
        again, seconds_again = timed(
            lambda: import_history(folder=folder, space_name="b")
        )
    speed = rows / seconds
    print(
        f"first import   {rows:>10,} lines  {seconds:7.1f} s  {speed:>10,.0f} lines/s"
    )
    print(
        f"second import  {again.activity.new:>10,} new    {seconds_again:7.1f} s  "
        f"{rows / seconds_again:>10,.0f} lines/s"
    )
    print(f"added memory   {peak_memory() - before:10.0f} MB")
    if first.activity.new != rows or again.activity.new != 0:
        print("The counts are wrong.")
        return 1
    return 0 if speed >= FLOOR else 1


if __name__ == "__main__":
    sys.exit(main())
