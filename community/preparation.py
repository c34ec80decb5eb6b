"""What must be up to date before the site runs, done only when it is not."""

import hashlib
from collections.abc import Callable

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from community import translations

Say = Callable[[str], object]


def bring_up_to_date(say: Say) -> None:
    migrate(say)
    for catalogue in translations.catalogues():
        if catalogue.is_stale():
            say(f"Compiling the translation {catalogue.locale}…")
            catalogue.compile()
    collect_static(say)


def migrate(say: Say) -> None:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        say(f"Bringing the database up to date ({len(plan)} steps)…")
        call_command("migrate", interactive=False, verbosity=0)


def collect_static(say: Say) -> None:
    """Collecting and compressing takes seconds, looking for changes milliseconds."""
    stamp = settings.STATIC_ROOT / ".sources"
    sources = _fingerprint()
    if stamp.exists() and stamp.read_text() == sources:
        return
    say("Collecting styles, scripts and pictures…")
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(sources)


def _fingerprint() -> str:
    files = (
        (path, storage.get_modified_time(path).timestamp(), storage.size(path))
        for finder in get_finders()
        for path, storage in finder.list([])
    )
    return hashlib.sha256(repr(sorted(files)).encode()).hexdigest()
