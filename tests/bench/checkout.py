"""What buying costs next to reading, and who gets the last one.

    make bench-checkout       or: python -m tests.bench.checkout [--rounds 200] [--json]

One gunicorn worker as in production. First a member opens a course's page, its
checkout, and presses "pay" (an order is placed and the test gateway told), in turn,
so that whatever else the machine does meets all three alike; the slowest twentieth
of each is compared. Then 200 members press "pay" for the last of something at the
same moment. The exit status is 1 when a bar is missed.
"""

import argparse
import json
import statistics
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from urllib.parse import urlencode

from tests.bench.pages import own_database, session_of, web_server  # sets Django up

# isort: split
from django.conf import settings
from django.utils import timezone

from accounts.models import Offer, Order, User
from community import embedded
from content.models import Item
from tests.factories.accounts import make_member
from tests.factories.billing import make_offer
from tests.factories.courses import make_course

BUYERS = 200
MUST = 2.0  # times the course's page, at the 95th percentile


class Buyer:
    """A member's browser that keeps its connection."""

    def __init__(self, port: int, member: User):
        self.connection = HTTPConnection("127.0.0.1", port, timeout=120)
        self.cookies = session_of(member)

    def ask(self, method: str, path: str, **form: str) -> tuple[int, str]:
        """The status, and where it leads to or what it says."""
        token = self.cookies.rpartition("=")[2]
        body = urlencode(form | {"csrfmiddlewaretoken": token}) if form else None
        headers = {"Cookie": self.cookies, "Host": "127.0.0.1"}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body=body, headers=headers)
        answer = self.connection.getresponse()
        text = answer.read().decode()
        return answer.status, answer.getheader("Location") or text


def measure(buyer: Buyer, course: Item, offers: list[Offer]) -> dict[str, list[float]]:
    """Milliseconds of each request; every purchase is a new order."""
    spent: dict[str, list[float]] = {"course": [], "checkout": [], "pay": []}
    for offer in offers:
        path = offer.get_absolute_url()
        for name, method, where, form in (
            ("course", "GET", course.get_absolute_url(), {}),
            ("checkout", "GET", path, {}),
            ("pay", "POST", path, {"gateway": "test"}),
        ):
            begin = time.perf_counter()
            status, _ = buyer.ask(method, where, **form)
            spent[name].append(1000 * (time.perf_counter() - begin))
            if status != (302 if method == "POST" else 200):
                raise SystemExit(f"{name}: {status}")
    return spent


def the_last_one(port: int, members: list[User], offer: Offer) -> dict[str, float]:
    """Everybody presses at once: how many won, were told, met anything else."""
    buyers = [Buyer(port, member) for member in members]

    def press(buyer: Buyer) -> str:
        status, where = buyer.ask("POST", offer.get_absolute_url(), gateway="test")
        if status == 302 and where.startswith("/test-gateway/"):
            return "won"
        if status == 302 and where == offer.get_absolute_url():
            _, page = buyer.ask("GET", where)
            return "told" if "sold" in page else "untold"
        return f"status {status}"

    begin = time.perf_counter()
    with ThreadPoolExecutor(len(buyers)) as pool:
        outcomes = Counter(pool.map(press, buyers))
    return {**outcomes, "seconds": round(time.perf_counter() - begin, 2)}


def bench(rounds: int) -> dict:
    with own_database():
        member = make_member("buyer")
        course = make_course("course", lessons=6, access=Item.Access.SOLD)
        Item.objects.update(published_at=timezone.now())
        offers = [make_offer(f"o{n}", what=f"item:{n + 1000}") for n in range(rounds)]
        last = make_offer("last", what="event:1", days=None, left=1)
        crowd = [make_member(f"m{n}") for n in range(BUYERS)]
        with web_server() as (port, _):
            buyer = Buyer(port, member)
            measure(buyer, course, [make_offer(f"w{n}") for n in range(5)])  # warm
            spent = measure(buyer, course, offers)
            outcomes = the_last_one(port, crowd, last)
        orders = Order.objects.filter(offer=last, state=Order.State.OPEN).count()
        left = Offer.objects.get(pk=last.pk).left
    p95 = {name: statistics.quantiles(ms, n=20)[-1] for name, ms in spent.items()}
    return {
        "requests": {
            name: {
                "median_ms": round(statistics.median(ms), 2),
                "p95_ms": round(p95[name], 2),
                "p95_times_course": round(p95[name] / p95["course"], 2),
            }
            for name, ms in spent.items()
        },
        "last_one": {"buyers": BUYERS, "orders": orders, "left": left, **outcomes},
        "passes": p95["checkout"] <= MUST * p95["course"]
        and (orders, left, outcomes.get("won")) == (1, 0, 1)
        and outcomes.get("told") == BUYERS - 1,
    }


def report(found: dict) -> str:
    lines = [f"{'request':12}{'median ms':>10}{'p95 ms':>9}{'p95, × course':>15}"]
    for name, it in found["requests"].items():
        lines.append(
            f"{name:12}{it['median_ms']:10}{it['p95_ms']:9}{it['p95_times_course']:15}"
        )
    last = ", ".join(f"{name} {number}" for name, number in found["last_one"].items())
    lines += [f"must: checkout at most {MUST} × course", f"the last one: {last}"]
    return "\n".join([*lines, "" if found["passes"] else "MISSED"])


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rounds", type=int, default=200)
    options.add_argument("--json", action="store_true", help="print one JSON object")
    chosen = options.parse_args()
    with embedded.running(settings.VAR_DIR, **embedded.from_environment()):
        found = bench(chosen.rounds)
    sys.stdout.write((json.dumps(found) if chosen.json else report(found)) + "\n")
    return 0 if found["passes"] else 1


if __name__ == "__main__":
    sys.exit(main())
