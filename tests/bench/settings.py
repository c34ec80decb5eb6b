"""The product's settings as a server has them, on a database of the bench's own."""

import os
from pathlib import Path

os.environ.setdefault(
    "VAR_DIR", str(Path(__file__).resolve().parents[2] / "var" / "bench")
)
os.environ.setdefault("SECRET_KEY", "only-for-the-bench-" + "x" * 40)
os.environ.setdefault("ALLOWED_HOSTS", "127.0.0.1")
os.environ.setdefault("HTTPS", "0")

from community.settings import *  # noqa: F403
from community.settings import CACHES, DATABASES

ROOT_URLCONF = "tests.bench.urls"
# A given DATABASE_URL may lead to real data, and so may REDIS_URL.
DATABASES["default"]["NAME"] += "_bench"
DATABASES["default"]["TEST"] = {"NAME": DATABASES["default"]["NAME"]}
CACHES["default"]["KEY_PREFIX"] = "zhiqun-bench"
