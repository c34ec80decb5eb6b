"""What the benchmarks of races share: many tries, and what came of them."""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier

from django.conf import settings
from django.db import connection

from community import embedded

MEMBERS = 4  # who want the same at once


@contextmanager
def at_once() -> Iterator[ThreadPoolExecutor]:
    """A thread for each of MEMBERS. Their connections are kept to the end: what meets
    is what they want, not connecting."""
    with ThreadPoolExecutor(MEMBERS) as pool:
        yield pool
        all_here = Barrier(MEMBERS)

        def hang_up() -> None:
            all_here.wait()  # else one thread could come twice, and another never
            connection.close()

        for done in [pool.submit(hang_up) for _ in range(MEMBERS)]:
            done.result()


def told(outcomes: Counter[str], *, alike: str, seconds: float) -> dict:
    tries = outcomes.total()
    return {
        "tries": tries,
        "outcomes": dict(outcomes),
        "seconds": round(seconds, 1),
        "passes": outcomes[alike] == tries,
    }


def run(bench: Callable[[int], dict], about: str) -> int:
    """The exit status: 1 when a try went otherwise than it must."""
    options = argparse.ArgumentParser(description=about.splitlines()[0])
    options.add_argument("--tries", type=int, default=1000)
    options.add_argument("--json", action="store_true", help="print one JSON object")
    chosen = options.parse_args()
    with embedded.running(settings.VAR_DIR, **embedded.from_environment()):
        found = bench(chosen.tries)
    sys.stdout.write((json.dumps(found) if chosen.json else _report(found)) + "\n")
    return 0 if found["passes"] else 1


def _report(found: dict) -> str:
    lines = [f"{number:6} {outcome}" for outcome, number in found["outcomes"].items()]
    lines.append(f"{found['tries']} tries in {found['seconds']} s")
    return "\n".join([*lines, "" if found["passes"] else "MISSED"])
