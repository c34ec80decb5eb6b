"""How fast the ledger moves points, and whether a budget is ever overdrawn.

    make bench-ledger      or: python -m tests.bench.ledger [--rounds 1000] [--json]

Three loads by turns, eight clients each, by pgbench itself on one server with its
usual durability: TPC-B-like; transfers of points that a rule gives, each with a key of
its own; the same paid out of one hot budget. Then 64 processes want the last unit of a
budget, round after round, every other time of one that lies in shards. At the end
every balance must be proven. The exit status is 1 when a bar is missed.
"""

import argparse
import json
import multiprocessing
import os
import re
import statistics
import subprocess
import sys
import time
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

from tests.bench.pages import own_database  # sets Django up

# isort: split

from django.conf import settings
from django.db import connection

from accounts.errors import BudgetSpent
from accounts.models import User
from accounts.services import ledger
from community import embedded
from community.embedded import postgres
from incentives.models import Budget
from incentives.services import budgets, points

BARS = {"ratio_to_pgbench": 1.2, "ratio_hot_account": 0.8}
CLIENTS, RACERS, MEMBERS, SCALE = 8, 64, 1000, 10
PARTS = ("TPC-B-like", "transfers", "hot account")
SCRIPT = r"""
\set member random({first}, {last})
\set key random(1, 9000000000000000000)
SELECT accounts_ledger_post('bench:' || :key, 'points', 'bench', '', NULL, now(),
    ARRAY['points', '{giver}'], ARRAY[:member, NULL]::bigint[], ARRAY[5, -5]::bigint[]);
"""


def pgbench(*options: str, given: str = "") -> str:
    """pgbench on the bench's own database."""
    folder = Path(find_spec(postgres.PACKAGE).submodule_search_locations[0])  # type: ignore[union-attr,index]
    place = connection.settings_dict
    where = {
        "PGHOST": place["HOST"],
        "PGUSER": place["USER"],
        "PGDATABASE": place["NAME"],
    }
    done = subprocess.run(
        [str(folder / postgres.BINARIES / "pgbench"), *options],
        env={**os.environ, **where},
        input=given,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def transactions_a_second(seconds: int, script: str) -> float:
    """`script` "" is TPC-B-like."""
    options = ["-n", "-c", str(CLIENTS), "-j", "2", "-T", str(seconds)]
    if script:
        options += ["-f", "-"]
    told = pgbench(*options, given=script)
    return float(re.search(r"tps = ([\d.]+)", told)[1])  # type: ignore[index]


def make_people(number: int) -> list[int]:
    """Without passwords: hashing some would take longer than everything else."""
    people = [User(username=f"m{n}", email=f"m{n}@example.org") for n in range(number)]
    return [member.pk for member in User.objects.bulk_create(people)]


def throughput(people: list[int], turns: int, seconds: int) -> dict[str, list[float]]:
    budget = Budget.objects.create(name="hot", amount=10**12, every="none")
    givers = {"transfers": "points issued", "hot account": budgets.kind_of(budget)}
    scripts = {
        part: SCRIPT.format(first=min(people), last=max(people), giver=giver)
        for part, giver in givers.items()
    }
    pgbench("-i", "-q", "-s", str(SCALE))
    found: dict[str, list[float]] = {part: [] for part in PARTS}
    for _ in range(turns):
        for part in PARTS:
            found[part].append(transactions_a_second(seconds, scripts.get(part, "")))
    return found


def grants_a_second(people: list[int], rows: int = 50_000, at_once: int = 5000) -> int:
    """In batches, as rules give points for the past."""
    batch = [
        points.Row(people[number % len(people)], 5, f"grant:{number}", "bench")
        for number in range(rows)
    ]
    begin = time.perf_counter()
    for first in range(0, rows, at_once):
        points.grant_many(batch[first : first + at_once])
    return round(rows / (time.perf_counter() - begin))


def make_last_units(rounds: int, member: User) -> list[int]:
    """A budget for each round of which one unit is left; every other one in shards."""
    numbers = []
    for number in range(rounds):
        large = ledger.SHARDS * budgets.WORTH_A_SHARD
        amount = 1 if number % 2 else large
        budget = Budget.objects.create(name="last", amount=amount, every="none")
        budgets.kind_of(budget)
        if amount > 1:
            points.grant(
                member=member,
                points=amount - 1,
                key=f"most:{number}",
                cause="bench",
                budget=budget,
            )
        numbers.append(budget.pk)
    return numbers


def race(numbers: list[int], member: int, start, results) -> None:
    """One of the racers, in a process of its own."""
    me = User.objects.get(pk=member)
    all_budgets = Budget.objects.in_bulk(numbers)
    outcomes: Counter[str] = Counter()
    won = []
    for number in numbers:
        budget = all_budgets[number]
        start.wait()
        try:
            points.grant(
                member=me,
                points=1,
                key=f"last:{number}:{member}",
                cause="bench",
                budget=budget,
            )
            won.append(number)
        except BudgetSpent:
            outcomes["refused"] += 1
        except Exception as error:
            outcomes[f"error: {type(error).__name__}"] += 1
    results.put((won, outcomes))
    connection.close()


def races(people: list[int], rounds: int) -> dict:
    numbers = make_last_units(rounds, User.objects.get(pk=people[-1]))
    connection.close()  # nothing is shared with the racers
    apart = multiprocessing.get_context("fork")
    start, results = apart.Barrier(RACERS), apart.Queue()
    racers = [
        apart.Process(target=race, args=(numbers, member, start, results))
        for member in people[:RACERS]
    ]
    begin = time.perf_counter()
    for racer in racers:
        racer.start()
    told = [results.get() for _ in racers]
    for racer in racers:
        racer.join()
    winners = Counter(number for won, _ in told for number in won)
    return {
        "rounds": rounds,
        "processes": RACERS,
        "seconds": round(time.perf_counter() - begin, 1),
        "double_winners": sum(winners[number] != 1 for number in numbers),
        "outcomes": dict(sum((outcomes for _, outcomes in told), Counter())),
    }


def ratio(speeds: dict[str, list[float]], part: str) -> float:
    """Each turn by itself: what else the machine did then, slowed all parts of it."""
    turns = zip(speeds[part], speeds["TPC-B-like"], strict=True)
    return round(statistics.median(ours / theirs for ours, theirs in turns), 2)


def bench(rounds: int, turns: int, seconds: int) -> dict:
    with own_database():
        people = make_people(MEMBERS)
        speeds = throughput(people, turns, seconds)
        granted = grants_a_second(people)
        raced = races(people, rounds)
        wrong = ledger.check()
    errors = [what for what in raced["outcomes"] if what.startswith("error")]
    found = {
        "ratio_to_pgbench": ratio(speeds, "transfers"),
        "ratio_hot_account": ratio(speeds, "hot account"),
        "double_winners": raced["double_winners"],
        "differences": sum(map(len, wrong.values())),
        "transactions_a_second": speeds,
        "grants_a_second": granted,
        "races": raced,
        "wrong": {what: ids[:10] for what, ids in wrong.items()},
    }
    found["passes"] = not (
        found["double_winners"] or found["differences"] or errors
    ) and all(found[name] >= bar for name, bar in BARS.items())
    return found


def report(found: dict) -> str:
    lines = [
        f"{part:12} {statistics.median(rounds):8.0f} a second"
        f"  ({min(rounds):.0f} to {max(rounds):.0f} in {len(rounds)} turns)"
        for part, rounds in found["transactions_a_second"].items()
    ]
    lines.append(f"{found['grants_a_second']} grants a second in batches")
    lines += [
        f"{name:18} {found[name]:.2f}, must be at least {bar}"
        for name, bar in BARS.items()
    ]
    raced = found["races"]
    lines.append(
        f"{raced['double_winners']} of {raced['rounds']} rounds of {raced['processes']}"
        f" processes without exactly one winner: {raced['outcomes']}"
    )
    lines.append(f"{found['differences']} balances that cannot be proven")
    return "\n".join([*lines, "" if found["passes"] else "MISSED"])


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rounds", type=int, default=1000)
    options.add_argument("--turns", type=int, default=5)
    options.add_argument("--seconds", type=int, default=8)
    options.add_argument("--json", action="store_true", help="print one JSON object")
    chosen = options.parse_args()
    # The product never needs so many; the racers do.
    postgres.CONFIGURATION = postgres.CONFIGURATION.replace(
        "max_connections = 60", f"max_connections = {RACERS + 20}"
    )
    with embedded.running(settings.VAR_DIR, **embedded.from_environment()):
        found = bench(chosen.rounds, chosen.turns, chosen.seconds)
    (settings.VAR_DIR / "ledger.json").write_text(json.dumps(found, indent=1))
    sys.stdout.write((json.dumps(found) if chosen.json else report(found)) + "\n")
    return 0 if found["passes"] else 1


if __name__ == "__main__":
    sys.exit(main())
