"""What `make run` and a bare `manage.py` lend the settings on somebody's own machine.

The settings refuse to guess. On a machine where nothing is configured, this gives
them what a server's operator would: DEBUG stays off, so that what runs at home is
what runs in production, only on localhost and over plain HTTP.
"""

import os
import secrets
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
# Whoever sets one of these is configuring a server (or debugging) in earnest.
IN_EARNEST = ("SECRET_KEY", "SECRET_KEY_FILE", "ALLOWED_HOSTS", "DEBUG")


def lend_settings() -> None:
    if any(os.environ.get(name) for name in IN_EARNEST):
        return
    os.environ["SECRET_KEY"] = _kept_key(_var())
    os.environ["ALLOWED_HOSTS"] = "localhost,127.0.0.1,[::1]"
    os.environ.setdefault("HTTPS", "0")
    if not os.environ.get("EMAIL_HOST"):
        backend = "django.core.mail.backends.filebased.EmailBackend"
        os.environ.setdefault("EMAIL_BACKEND", backend)


def _var() -> Path:
    return Path(os.environ.get("VAR_DIR") or BASE_DIR / "var")


def _kept_key(var: Path) -> str:
    """The key of this folder, made once: sessions must outlive a restart."""
    path = var / "secret_key"
    if not path.exists():
        var.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f"secret_key.{os.getpid()}")
        new.touch(mode=0o600)
        new.write_text(secrets.token_urlsafe(50), encoding="ascii")
        _keep_the_first(new, path)
    return path.read_text(encoding="ascii").strip()


def _keep_the_first(new: Path, path: Path) -> None:
    """Whoever links first wins, so two commands started together agree."""
    try:
        path.hardlink_to(new)
    except FileExistsError:
        pass
    finally:
        new.unlink()
