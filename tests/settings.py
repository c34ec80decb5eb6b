"""The product's settings with a test's environment."""

import os
from pathlib import Path

os.environ.setdefault(
    "VAR_DIR", str(Path(__file__).resolve().parent.parent / "var" / "test")
)
os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "x" * 40)
os.environ.setdefault("ALLOWED_HOSTS", "testserver")
os.environ.setdefault("HTTPS", "0")
os.environ.setdefault("SOCIAL_GOOGLE_ID", "google-id")
os.environ.setdefault("SOCIAL_GOOGLE_SECRET", "google-secret")
os.environ.setdefault("SOCIAL_GITHUB_ID", "github-id")
os.environ.setdefault("SOCIAL_GITHUB_SECRET", "github-secret")
os.environ.setdefault("SOCIAL_WEIXIN_ID", "weixin-id")
os.environ.setdefault("SOCIAL_WEIXIN_SECRET", "weixin-secret")
os.environ.setdefault("CELERY_TASK_ALWAYS_EAGER", "1")

from community.settings import *  # noqa: F403
from community.settings import CACHES, STORAGES

ALLOWED_HOSTS = ["*"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405
STORAGES["staticfiles"] = {
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}
# Static files straight from their sources: tests collect nothing.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True

# Each test finds an empty cache, though all share one Redis and one folder.
CACHES["default"]["KEY_FUNCTION"] = "tests.caching.key_of_this_test"
CACHES["pictures"]["KEY_FUNCTION"] = "tests.caching.key_of_this_test"
