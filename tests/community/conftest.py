import shutil
import tempfile
from pathlib import Path

import pytest

from community import embedded, processes
from community.embedded import places


@pytest.fixture(scope="module")
def make_var():
    """Folders for servers of their own; what is left in them is stopped and removed.

    Not in tmp_path: that is closed to the user which Postgres runs as under root,
    and its long name leaves no room for a socket's.
    """
    made = []

    def make():
        var = Path(tempfile.mkdtemp(prefix="zhiqun-test-")).resolve()
        var.chmod(0o711)
        made.append(var)
        return var

    yield make
    for var in made:
        processes.end_leftovers(var)
        for server in embedded.servers(var):
            server.stop()
        shutil.rmtree(places.sockets(var), ignore_errors=True)
        shutil.rmtree(var)


@pytest.fixture
def var(make_var):
    return make_var()
