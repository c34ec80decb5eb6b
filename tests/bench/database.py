"""A database of its own for a measurement, thrown away afterwards."""

import os
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"


@contextmanager
def scratch_database() -> Iterator[None]:
    """Run the block with Django ready and an empty, migrated database."""
    import django
    from django.conf import settings

    from community import embedded

    django.setup()
    from django.db import connection

    chosen = embedded.from_environment()
    with embedded.running(settings.VAR_DIR, durable=False, **chosen):
        name = connection.settings_dict["NAME"]
        connection.settings_dict["TEST"]["NAME"] = f"bench_{name}"
        connection.creation.create_test_db(verbosity=0, autoclobber=True)
        try:
            yield
        finally:
            connection.creation.destroy_test_db(name, verbosity=0)


def peak_memory() -> float:
    """The most memory this process ever held, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)
