"""The product's settings with a test's environment."""

import os
from pathlib import Path
from urllib.parse import urlsplit

os.environ.setdefault(
    "VAR_DIR", str(Path(__file__).resolve().parent.parent / "var" / "test")
)
os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "x" * 40)
os.environ.setdefault("ALLOWED_HOSTS", "testserver")
os.environ.setdefault("HTTPS", "0")
os.environ.setdefault("CELERY_TASK_ALWAYS_EAGER", "1")

from community.settings import *  # noqa: F403
from community.settings import CACHES, REDIS_URL, STORAGES

ALLOWED_HOSTS = ["*"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405
STORAGES["staticfiles"] = {
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}
# Static files straight from their sources: tests collect nothing.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
# Tests that run side by side must not clear each other's cache.
if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    database = 9 + int(worker.removeprefix("gw")) % 7
    CACHES["default"]["LOCATION"] = (
        REDIS_URL.replace("?db=0", f"?db={database}")
        if REDIS_URL.startswith("unix:")
        else urlsplit(REDIS_URL)._replace(path=f"/{database}").geturl()
    )
