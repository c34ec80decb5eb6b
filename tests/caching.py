"""A Redis shared by all tests and workers, empty for each of them."""

import os
import uuid

_test = uuid.uuid4().hex


def begin_test() -> None:
    global _test  # noqa: PLW0603 - the test that runs now
    _test = uuid.uuid4().hex


def key_of_this_test(key, prefix, version):
    worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    return f"{prefix}:{worker}:{_test}:{version}:{key}"
