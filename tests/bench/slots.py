"""Who gets an hour of an expert that several want at the same moment.

    make bench-slots       or: python -m tests.bench.slots [--tries 1000] [--json]

Each try is an hour that four members want at once. Exactly one must have it, with each
of its quarters once; then they let it go again. The exit status is 1 when a try goes
otherwise.
"""

import datetime as dt
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from tests.bench.pages import own_database  # sets Django up

# isort: split

from accounts.models import User
from content.errors import SlotTaken
from content.models import Appointment, Consultation, TimeCell
from content.services import appointments
from tests.bench.races import MEMBERS, at_once, run, told
from tests.factories.accounts import make_member
from tests.factories.appointments import book, make_adviser, make_consultation

ALIKE = "one winner"


def wants(
    member: User, topic: Consultation, starts_at: dt.datetime
) -> Appointment | None:
    try:
        return book(member, topic, starts_at=starts_at)
    except SlotTaken:
        return None


def one_try(
    pool: ThreadPoolExecutor,
    people: list[User],
    topic: Consultation,
    starts_at: dt.datetime,
) -> str:
    begun = [pool.submit(wants, member, topic, starts_at) for member in people]
    won = [made for made in (it.result() for it in begun) if made]
    cells = TimeCell.objects.filter(person=topic.expert_id).count()
    for made in won:
        appointments.withdraw(appointment=made)
    if len(won) != 1:
        return f"{len(won)} winners"
    return ALIKE if cells == topic.minutes // 15 else f"{cells} cells"


def bench(tries: int) -> dict:
    with own_database():
        topic = make_consultation(make_adviser())
        people = [make_member(f"m{number}") for number in range(MEMBERS)]
        now = dt.datetime.now(dt.UTC)
        first = dt.datetime.combine(now.date(), dt.time(), dt.UTC)
        begin = time.perf_counter()
        with at_once() as pool:
            outcomes = Counter(
                one_try(
                    pool,
                    people,
                    topic,
                    first + dt.timedelta(days=3, hours=number % 200),
                )
                for number in range(tries)
            )
        seconds = time.perf_counter() - begin
    return told(outcomes, alike=ALIKE, seconds=seconds)


if __name__ == "__main__":
    sys.exit(run(bench, __doc__))
