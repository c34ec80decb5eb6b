"""Who gets the last seat of an event, and who the seat that somebody gave back.

    make bench-seats       or: python -m tests.bench.seats [--tries 1000] [--json]

Each try is an event of one seat. First several members want it at the same moment;
then whoever has it goes, while as many newcomers want it: it must be kept for the one
who waits longest. The exit status is 1 when a try has not exactly one winner.
"""

import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from tests.bench.pages import own_database  # sets Django up

# isort: split

from accounts.models import User
from content.models import Event, Registration
from content.services import registrations
from tests.bench.races import MEMBERS, at_once, run, told
from tests.factories.accounts import make_member
from tests.factories.events import make_event

ALIKE = "one winner each"
State = Registration.State


def do_all(pool: ThreadPoolExecutor, *acts) -> None:
    for done in [pool.submit(act) for act in acts]:
        done.result()


def wants(event: Event, member: User):
    return lambda: registrations.register(event=event, member=member)


def winners(event: Event, state: str) -> list[int]:
    rows = event.registrations.filter(state=state).order_by("pk")
    return list(rows.values_list("member_id", flat=True))


def one_try(pool: ThreadPoolExecutor, host: User, people: list[User]) -> str:
    event = make_event(host=host, seats=1)
    first, newcomers = people[:MEMBERS], people[MEMBERS:]
    do_all(pool, *(wants(event, member) for member in first))
    won = winners(event, State.GOING)
    queue = event.registrations.filter(state=State.WAITING)
    next_one = queue.order_by("queued_at", "pk").first()
    if len(won) != 1 or next_one is None:
        return f"last seat: {len(won)} winners"
    leaving = event.registrations.get(state=State.GOING)
    do_all(
        pool,
        lambda: registrations.cancel_registration(registration=leaving),
        *(wants(event, member) for member in newcomers),
    )
    kept = winners(event, State.OFFERED)
    event.refresh_from_db()
    if kept != [next_one.member_id] or winners(event, State.GOING):
        return f"freed seat: {len(kept)} winners"
    return ALIKE if event.taken == 1 else f"{event.taken} seats taken"


def bench(tries: int) -> dict:
    with own_database():
        host = make_member("host")
        people = [make_member(f"m{number}") for number in range(2 * MEMBERS - 1)]
        begin = time.perf_counter()
        with at_once() as pool:
            outcomes = Counter(one_try(pool, host, people) for _ in range(tries))
        seconds = time.perf_counter() - begin
    return told(outcomes, alike=ALIKE, seconds=seconds)


if __name__ == "__main__":
    sys.exit(run(bench, __doc__))
