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


class NotOnOffer(Exception):
    """The reward cannot be had now, or not by this member."""


class TakenOften(Exception):
    """The member has had this reward as often as one may."""


class WrongState(Exception):
    """What was taken is further on its way, or has come back, already."""


class NoCodeLeft(Exception):
    """All codes of the partner are handed out."""


class TooManyCodes(Exception):
    """More than are made or taken in at once."""
