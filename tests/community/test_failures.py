"""What members notice when a server dies: a wait at most, and nothing half done.

Real web and worker processes on servers of their own, killed as the kernel would.
"""

import http.cookiejar
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from contextlib import closing, contextmanager, suppress
from urllib.parse import urlencode

import psycopg2
import pytest
from django.conf import settings

from community import embedded, first_run
from community.nightly import STEPS
from tests.community.test_first_run import ANSWERS
from tests.waiting import wait_for

NIGHT_LOCKED = "LOCK TABLE analytics_memberday IN ACCESS EXCLUSIVE MODE"


class Site:
    """A whole Zhiqun in a folder of its own, and what one can do to it."""

    def __init__(self, var):
        self.var = var
        self.postgres, self.redis = embedded.servers(var)
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "SECRET_KEY": settings.SECRET_KEY,
            "VAR_DIR": str(var),
            "CELERY_TASK_ALWAYS_EAGER": "0",
            "DATABASE_URL": embedded.database_url(var),
            "REDIS_URL": embedded.redis_url(var),
        }
        self.environment.pop("PYTEST_XDIST_WORKER", None)

    def python(self, *arguments):
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=settings.BASE_DIR,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def run(self, code):
        return self.python("-c", f"import django\ndjango.setup()\n{code}")

    @contextmanager
    def process(self, *arguments, **environment):
        """A process with children, as a service: gone for good after the block."""
        with (self.var / "log" / "site.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                cwd=settings.BASE_DIR,
                env=self.environment | environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            yield process
        finally:
            kill(process)

    def log(self):
        return (self.var / "log" / "site.log").read_text()[-5000:]

    def connect(self):
        return closing(psycopg2.connect(embedded.database_url(self.var)))

    def query(self, sql):
        with self.connect() as link, link, link.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def waits_for_a_lock(self):
        (row,) = self.query(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        )
        return row[0] > 0


class Browser:
    def __init__(self, address):
        self.address = address
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self.cookies), DoNotFollow
        )

    def get(self, path, form=None):
        """Status and text; a form is posted."""
        data = urlencode(form).encode() if form is not None else None
        try:
            answer = self.opener.open(self.address + path, data, timeout=60)
        except urllib.error.HTTPError as error:
            answer = error
        except urllib.error.URLError:
            return 0, ""
        with answer:
            return answer.status, answer.read().decode()

    def fill_in(self, path, answers):
        _, page = self.get(path)
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert token, page
        return self.get(path, {**answers, "csrfmiddlewaretoken": token[1]})

    def status(self, path):
        return self.get(path)[0]


class DoNotFollow(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args, **kwargs):
        return None


def kill(process):
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def site(make_var):
    var = make_var()
    with embedded.running(var):
        site = Site(var)
        site.python("manage.py", "migrate", "-v0")
        yield site


@pytest.fixture
def browser(site):
    bind = f"127.0.0.1:{free_port()}"
    gunicorn = ("gunicorn", "-c", "python:community.gunicorn", "community.wsgi")
    with site.process(*gunicorn, BIND=bind, WEB_WORKERS="1"):
        browser = Browser(f"http://{bind}")
        wait_for(lambda: browser.status("/healthz") == 200)
        yield browser


def test_postgres_killed_while_a_page_is_written(site, browser):
    answers = []
    post = threading.Thread(
        target=lambda: answers.append(browser.fill_in(first_run.path(), ANSWERS))
    )
    with site.connect() as other, other.cursor() as cursor:
        # By then the community and the person are written, the role is not.
        cursor.execute("LOCK TABLE accounts_rolegrant IN ACCESS EXCLUSIVE MODE")
        post.start()
        wait_for(site.waits_for_a_lock)
        site.postgres.process().kill()
        post.join()

    ((status, page),) = answers
    assert status == 503, site.log()
    assert "Back in a moment" in page
    assert browser.status("/healthz") == 200

    site.postgres.revive()
    wait_for(lambda: browser.status("/") == 200)
    assert site.query("SELECT count(*) FROM accounts_user") == [(0,)]
    assert (
        site.query("SELECT * FROM accounts_community WHERE set_up_at > '1900-1-1'")
        == []
    )

    assert browser.fill_in(first_run.path(), ANSWERS)[0] == 302
    assert site.query("SELECT count(*) FROM accounts_user") == [(1,)]


def test_without_redis_pages_work_and_what_is_written_is_kept(site, browser):
    site.redis.stop()

    assert browser.status("/") == 200
    assert browser.fill_in(first_run.path(), ANSWERS)[0] == 302
    assert browser.get("/language/", {"language": "zh-hans"})[0] == 302
    assert browser.status("/") == 200
    assert site.query("SELECT name, language FROM accounts_user") == [
        ("Lin Yue", "zh-hans")
    ]
    status, missing = browser.get("/readyz")
    assert status == 503
    assert "Redis does not answer" in missing

    site.redis.revive()
    assert browser.status("/") == 200
    assert "Redis does not answer" not in browser.get("/readyz")[1]


def test_a_worker_killed_in_the_middle_of_the_night(site):
    site.run(WRITE_ACTIVITY)
    worker = ("celery", "-A", "community", "worker", "-c", "1", "-Q", "numerics")
    with site.connect() as other, other.cursor() as cursor:
        cursor.execute(NIGHT_LOCKED)
        with site.process(*worker):
            site.run(ASK_FOR_THE_NIGHT)
            wait_for(site.waits_for_a_lock)
    before = steps_done(site)
    assert 0 < len(before) < len(STEPS)

    assert site.python("manage.py", "return_unfinished") == "1 tasks given back.\n"
    wait_for(lambda: not others_at_work(site))
    with site.process(*worker):
        wait_for(lambda: len(steps_done(site)) == len(STEPS))

    assert steps_done(site).items() >= before.items()  # none was done again
    assert site.query("SELECT sum(interactions) FROM analytics_memberday") == [(42,)]


WRITE_ACTIVITY = """
from django.utils import timezone
from accounts.models import User, Space, Verb
from accounts.services.activity import record_activity
space = Space.objects.create(slug="circle", name="Circle")
for n in range(6):
    member = User.objects.create_user(f"member{n}")
    for _ in range(7):
        record_activity(member=member, verb=Verb.REPLIED, space=space)
""".strip()
ASK_FOR_THE_NIGHT = """
from community.tasks import run_night
run_night.apply_async(queue="numerics")
""".strip()


def steps_done(site):
    rows = site.query(
        "SELECT step, started_at FROM community_steprun WHERE state = 'done'"
    )
    return dict(rows)


def others_at_work(site):
    """The killed worker's sessions, until Postgres notices."""
    (row,) = site.query(
        "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
        "AND backend_type = 'client backend'"
    )
    return row[0] > 0
