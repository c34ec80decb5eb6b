"""Facts that can stop a service of this app."""


class NotYet(Exception):
    """It is not in the state from which this can be done."""


class SecondPersonNeeded(Exception):
    """Whoever handed it in may not approve it."""


class GivesNothing(Exception):
    """A campaign without a message, points or a rule."""


class CountsNobody(Exception):
    """The last day on which members are counted in lies before the start."""


class RuleInForce(Exception):
    """What pays, or has paid, is not rewritten; a draft is no rule in force."""
