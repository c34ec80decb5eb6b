"""The whole clock of the product: each entry says what beat starts, and when."""

SCHEDULE: dict[str, dict] = {}
