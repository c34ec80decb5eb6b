"""What XML cannot hold."""

import re
from typing import Any

CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class WithoutControls:
    """Mixed into a feed, takes out of its entries what would break all of it."""

    def add_item(self, *args: Any, **kwargs: Any) -> None:
        said = {name: _clean(value) for name, value in kwargs.items()}
        super().add_item(*map(_clean, args), **said)  # type: ignore[misc]


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return CONTROLS.sub("", value)
    return [_clean(each) for each in value] if isinstance(value, list) else value
