"""Facts that can stop a service of this app."""


class RuleInForce(Exception):
    """What pays, or has paid, is not rewritten; a draft is no rule in force."""


class NoCodeLeft(Exception):
    """All codes of the partner are handed out."""


class TooManyCodes(Exception):
    """More than are made or taken in at once."""
