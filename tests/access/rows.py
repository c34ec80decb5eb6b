"""The words of the access matrix: who comes, what they ask for, what they get."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

TIERS = (
    *("visitor", "member", "lapsed", "paying"),
    *("mentor", "volunteer", "reviewer", "planner", "operator", "suspended"),
)

OK = "is shown it"
SIGN_IN = "is asked to sign in"
NO = "is refused"
MISSING = "finds nothing"
GO = "is sent on"
BAD = "is told what is wrong"


def outcome_of(response) -> str:
    if response.status_code in {301, 302}:
        asked = response.url.startswith("/accounts/login/")
        asked = asked or response.url.startswith("/admin/login/")
        return SIGN_IN if asked else GO
    by_status = {200: OK, 204: OK, 401: NO, 403: NO, 404: MISSING, 400: BAD, 422: BAD}
    return by_status.get(response.status_code, f"status {response.status_code}")


@dataclass
class Row:
    """One way to ask for one address. `expected` is everybody's outcome, `but` names
    the exceptions. `path` makes the address from the world."""

    path: Callable[[Any], str]
    expected: str
    but: dict[str, str] = field(default_factory=dict)
    method: str = "get"
    data: dict[str, Any] | Callable[[Any], dict[str, Any]] = field(default_factory=dict)

    def for_tier(self, tier: str) -> str:
        return self.but.get(tier, self.expected)


def everybody(path, outcome=OK, **but) -> Row:
    return Row(_path(path), outcome, but)


def signed_in(path, outcome=OK, **but) -> Row:
    """Reading: visitors are asked to sign in, the suspended may."""
    return Row(_path(path), outcome, {"visitor": SIGN_IN, **but})


def writing(path, outcome=GO, *, data=None, method="post", **but) -> Row:
    """Changing: visitors are asked to sign in, the suspended are refused."""
    but = {"visitor": SIGN_IN, "suspended": NO, **but}
    return Row(_path(path), outcome, but, method, data or {})


def _path(path):
    return path if callable(path) else (lambda _: path)
