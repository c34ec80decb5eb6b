"""How an app declares a piece of the night's work."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Step:
    """One piece of the night, safe to run again for the same date.

    `run(as_of)` brings the tables to what is known at the end of the day `as_of`
    and returns counts worth showing to an operator.
    """

    name: str
    run: Callable[[dt.date], dict[str, Any]]
    purpose: str
