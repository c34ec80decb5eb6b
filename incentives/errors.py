"""Facts that can stop a service of this app."""


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
