"""What finding costs next to a page that is read by its number.

    make bench-search         or: python -m tests.bench.search [--documents 1000000]

A million posts of made-up Chinese and English words, which are as unlike often as those
of real texts (Zipf), are indexed as the sweep does it. Then one gunicorn worker is
asked in turn for a topic by its number and for a search, as a member who is signed in:
words that half of all posts have and words that few have, pairs of words, words inside
sentences. The slowest twentieth of each is compared. The exit status is 1 when the
search takes more than MUST times the topic.
"""

import argparse
import io
import json
import random
import statistics
import sys
import time
from urllib.parse import quote

from tests.bench.checkout import Buyer
from tests.bench.pages import own_database, web_server  # sets Django up

# isort: split
from django.conf import settings
from django.db import connection

from accounts.models import Space
from community import embedded
from content.models import SearchDocument
from content.services import search_index
from tests.factories.accounts import make_member, make_space

MUST = 5.0  # times the topic's page, at the 95th percentile
POSTS_A_TOPIC = 20
WORDS_A_POST = 24
HAN = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发"
    "年动同工也能下过子说产种面而方后多定行学法所民得经"
)
LETTERS = "etaoinshrdlucmfwypvbgk"


def vocabulary(rng: random.Random) -> list[str]:
    lengths = (2, 2, 2, 3)
    chinese = {"".join(rng.choices(HAN, k=rng.choice(lengths))) for _ in range(9000)}
    english = {"".join(rng.choices(LETTERS, k=rng.randint(3, 9))) for _ in range(9000)}
    words = sorted(chinese | english)
    rng.shuffle(words)
    return words


def write_posts(documents: int, rng: random.Random, words: list[str]) -> None:
    """Topics of twenty posts in one public space, by COPY."""
    author = make_member("author")
    space = make_space("open", access=Space.Access.PUBLIC)
    weights = [1 / (rank + 3) for rank in range(len(words))]
    topics = -(-documents // POSTS_A_TOPIC)
    with connection.cursor() as cursor:
        cursor.execute(TOPICS, [author.pk, space.pk, topics])
        for start in range(1, documents + 1, 50_000):
            numbers = range(start, min(start + 50_000, documents + 1))
            drawn = iter(rng.choices(words, weights, k=WORDS_A_POST * len(numbers)))
            lines = io.StringIO()
            for number in numbers:
                body = _sentence([next(drawn) for _ in range(WORDS_A_POST)])
                topic, place = divmod(number - 1, POSTS_A_TOPIC)
                lines.write(f"{topic + 1}\t{author.pk}\t{place + 1}\t{body}\n")
            cursor.execute(POSTS_BEFORE)
            lines.seek(0)
            cursor.cursor.copy_expert("COPY bench_post FROM STDIN", lines)
            cursor.execute(POSTS)
        cursor.execute("ANALYZE content_post, content_topic")


def _sentence(words: list[str]) -> str:
    """Chinese words stand without spaces, as in a sentence."""
    text = ""
    for word in words:
        text += word if not word.isascii() else f" {word} "
    return text.strip()


TOPICS = """
INSERT INTO content_topic (id, kind, title, author_id, space_id, created_at,
    last_post_at, last_number, reply_count, is_answered, revision, hidden_reason)
SELECT n, 'discussion', 'Topic ' || n, %s, %s, now(), now(), 20, 19, false, 1, ''
  FROM generate_series(1, %s) AS n
"""
POSTS_BEFORE = """
CREATE TEMP TABLE IF NOT EXISTS bench_post (
    topic int, author int, number int, body text);
TRUNCATE bench_post
"""
POSTS = """
INSERT INTO content_post (topic_id, author_id, number, body, body_html, created_at,
    like_count, helpful_count, unhelpful_count, hidden_reason)
SELECT topic, author, number, body, body, now(), 0, 0, 0, '' FROM bench_post
"""


def queries(rng: random.Random, words: list[str], rounds: int) -> list[str]:
    """Often and seldom used words, alone and in pairs."""
    often, seldom = words[:200], words[-4000:]
    kinds = (
        lambda: rng.choice(often),
        lambda: rng.choice(seldom),
        lambda: f"{rng.choice(often)} {rng.choice(often)}",
        lambda: f"{rng.choice(often)} {rng.choice(seldom)}",
    )
    return [kinds[number % len(kinds)]() for number in range(rounds)]


def measure(buyer: Buyer, asked: list[str], topics: int) -> dict[str, list[float]]:
    spent: dict[str, list[float]] = {"topic": [], "search": []}
    for number, words in enumerate(asked):
        topic = number * 7919 % topics + 1
        for name, path in (
            ("topic", f"/topics/{topic}-x/"),
            ("search", f"/search/?q={quote(words)}"),
        ):
            begin = time.perf_counter()
            status, _ = buyer.ask("GET", path)
            spent[name].append(1000 * (time.perf_counter() - begin))
            if status != 200:
                raise SystemExit(f"{path}: {status}")
    return spent


def bench(documents: int, rounds: int) -> dict:
    rng = random.Random(7)
    words = vocabulary(rng)
    with own_database():
        member = make_member("reader")
        write_posts(documents, rng, words)
        begin = time.perf_counter()
        search_index.sweep()
        seconds = time.perf_counter() - begin
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE content_searchdocument")
        rows = SearchDocument.objects.count()
        topics = -(-documents // POSTS_A_TOPIC)
        with web_server() as (port, _):
            buyer = Buyer(port, member)
            measure(buyer, queries(rng, words, 40), topics)  # warm
            spent = measure(buyer, queries(rng, words, rounds), topics)
    p95 = {name: statistics.quantiles(ms, n=20)[-1] for name, ms in spent.items()}
    return {
        "documents": rows,
        "indexed_a_second": round(rows / seconds),
        "requests": {
            name: {
                "median_ms": round(statistics.median(ms), 2),
                "p95_ms": round(p95[name], 2),
            }
            for name, ms in spent.items()
        },
        "p95_times_topic": round(p95["search"] / p95["topic"], 2),
        "passes": p95["search"] <= MUST * p95["topic"],
    }


def report(found: dict) -> str:
    lines = [
        f"{found['documents']} documents, {found['indexed_a_second']} indexed a second",
        f"{'request':10}{'median ms':>10}{'p95 ms':>9}",
    ]
    for name, it in found["requests"].items():
        lines.append(f"{name:10}{it['median_ms']:10}{it['p95_ms']:9}")
    lines.append(f"p95 of search: {found['p95_times_topic']} × topic, at most {MUST}")
    return "\n".join([*lines, "" if found["passes"] else "MISSED"])


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--documents", type=int, default=1_000_000)
    options.add_argument("--rounds", type=int, default=400)
    options.add_argument("--json", action="store_true", help="print one JSON object")
    chosen = options.parse_args()
    with embedded.running(settings.VAR_DIR, **embedded.from_environment()):
        found = bench(chosen.documents, chosen.rounds)
    sys.stdout.write((json.dumps(found) if chosen.json else report(found)) + "\n")
    return 0 if found["passes"] else 1


if __name__ == "__main__":
    sys.exit(main())
