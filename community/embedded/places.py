"""Where the embedded servers keep their things, and as which user they run."""

import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import sys
from dataclasses import dataclass, field
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from community.embedded.errors import ServiceError

# A socket's whole path fits 107 bytes on Linux and 103 on macOS.
LONGEST_SOCKET_FOLDER = 103 - len("/.s.PGSQL.5432")
ROOTS_HOME = Path("/var/lib/zhiqun")


@dataclass(frozen=True)
class Owner:
    """The user the servers run as: whoever starts them, but never root."""

    uid: int
    gid: int
    name: str
    # What subprocess needs to become this user.
    become: dict[str, Any] = field(default_factory=dict)


def say(text: str) -> None:
    sys.stderr.write(f"zhiqun: {text}\n")
    sys.stderr.flush()


def sockets(var: Path) -> Path:
    """The folder of the sockets: the same for every shell of one user.

    So neither TMPDIR nor XDG_RUNTIME_DIR may decide, they differ between logins.
    """
    var, uid = var.resolve(), os.geteuid()
    inside = var / "run"
    if uid != 0 and len(os.fsencode(inside)) <= LONGEST_SOCKET_FOLDER:
        return inside
    name = hashlib.sha256(os.fsencode(var)).hexdigest()[:16]
    return Path("/var/run" if uid == 0 else "/tmp") / f"zhiqun-{uid}-{name}"  # noqa: S108


def make_var(var: Path) -> None:
    """Others may pass through (Postgres may run as another user), not look around."""
    try:
        var.mkdir(parents=True, exist_ok=True)
        if var.stat().st_uid == os.geteuid():
            var.chmod(0o711)
        (var / "log").mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise ServiceError(f"{var} cannot be used: {error.strerror}.") from error


def owner(var: Path) -> Owner:
    if os.geteuid() != 0:
        return Owner(os.geteuid(), os.getegid(), _user_name())
    entry = _owner_of_data(var) or _system_user()
    become = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    return Owner(entry.pw_uid, entry.pw_gid, entry.pw_name, become)


def private_folder(path: Path, owner: Owner) -> Path:
    """Make or check a folder that only `owner` can enter."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    info = path.lstat()
    if not stat.S_ISDIR(info.st_mode):
        raise ServiceError(f"{path} is not a folder; remove it and start again.")
    if os.geteuid() == 0:
        os.chown(path, owner.uid, owner.gid)
    elif info.st_uid != owner.uid:
        raise ServiceError(
            f"{path} belongs to another user. Run this as that user, "
            "or have the folder removed."
        )
    path.chmod(0o700)
    return path


def data_folder(var: Path, name: str, owner: Owner) -> Path:
    """Where the server `name` keeps its data: `var/name`, or where that leads.

    A checkout in a folder closed to others (`/root`, a private temporary folder)
    is out of reach for the user that Postgres runs as under root. Its data then
    lives in /var/lib/zhiqun, `var/name` leads there, and no permission of the
    person's own folders is touched.
    """
    place = var / name
    if place.is_symlink() or place.exists():
        return place.resolve()
    if not owner.become or _reachable(var, owner):
        return place
    key = hashlib.sha256(os.fsencode(var)).hexdigest()[:16]
    elsewhere = ROOTS_HOME / key / name
    elsewhere.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
    say(f"{var} is closed to user {owner.name}: {name} keeps its data in {elsewhere}.")
    place.symlink_to(elsewhere)
    return elsewhere


def program(package: str, path: str, owner: Owner) -> Path:
    """A server's binary inside the Python package that brings it."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ServiceError(f"The package {package} is missing: run `make install`.")
    home = Path(spec.origin).resolve().parent
    found = home / path
    if not found.exists():
        raise ServiceError(f"{found} is missing: run `make install` again.")
    if not owner.become or _reachable(found, owner):
        return found
    return _copy_of(home) / path


def _copy_of(home: Path) -> Path:
    """A copy of a package's binaries that every user may run, made once."""
    distribution = metadata.packages_distributions()[home.name][0]
    target = ROOTS_HOME / f"{home.name}-{metadata.version(distribution)}"
    if not target.exists():
        say(f"{home} is closed to other users: copying its servers to {target}.")
        half_made = target.with_name(f"{target.name}.{os.getpid()}")
        for source in (home, home.with_name(f"{home.name}.libs")):
            if source.exists():
                shutil.copytree(
                    source,
                    half_made / source.name,
                    symlinks=True,
                    ignore=shutil.ignore_patterns("*.py", "*.pyc", "*.a", "include"),
                )
        for folder in (ROOTS_HOME, half_made):
            folder.chmod(0o755)
        try:
            half_made.rename(target)
        except OSError:  # another process was quicker
            shutil.rmtree(half_made)
    return target / home.name


def _reachable(path: Path, owner: Owner) -> bool:
    """May the owner get at this path? Asked as that user, so every rule counts."""
    question = ["/bin/sh", "-c", 'test -x "$1"', "sh", str(path)]
    answer = subprocess.run(question, cwd="/", check=False, **owner.become)  # noqa: S603
    return answer.returncode == 0


def _owner_of_data(var: Path) -> pwd.struct_passwd | None:
    """Data made by an ordinary user stays theirs when root starts the servers."""
    data = (var / "postgres").resolve()
    if not data.exists() or data.stat().st_uid == 0:
        return None
    try:
        return pwd.getpwuid(data.stat().st_uid)
    except KeyError as error:
        raise ServiceError(f"{data} belongs to a user unknown here.") from error


def _system_user() -> pwd.struct_passwd:
    """Postgres refuses to run as root, so root lends it a user of its own."""
    for attempt in (_known_user, _made_user):
        for name in ("zhiqun",):
            if entry := attempt(name):
                return entry
    for name in ("_postgres", "nobody"):
        if entry := _known_user(name):
            return entry
    raise ServiceError("Postgres refuses to run as root: make a user named zhiqun.")


def _known_user(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _made_user(name: str) -> pwd.struct_passwd | None:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd is None:
        return None
    command = [useradd, "--system", "--user-group", "--no-create-home"]
    subprocess.run(  # noqa: S603
        [*command, "--home-dir", str(ROOTS_HOME), "--shell", "/bin/false", name],
        check=False,
        capture_output=True,
    )
    return _known_user(name)


def _user_name() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError as error:
        raise ServiceError(
            f"User {os.geteuid()} has no name on this machine, and Postgres needs one. "
            "Set DATABASE_URL, or run as a user listed in /etc/passwd."
        ) from error
