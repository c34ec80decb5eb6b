"""Facts that can stop a service of this app."""


class NoCodeLeft(Exception):
    """All codes of the partner are handed out."""


class TooManyCodes(Exception):
    """More than are made or taken in at once."""
