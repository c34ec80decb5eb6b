"""Facts that can stop a service of this app."""


class NotEnough(Exception):
    """An account does not hold what was to be taken from it."""


class BudgetSpent(Exception):
    """What this is to be paid from does not hold that much (any more)."""


class KeyReused(Exception):
    """A ledger key that was posted before came again with other lines."""


class AlreadyOwned(Exception):
    """The member holds for ever what this offer sells."""


class SoldOut(Exception):
    """Nothing is left to sell of this offer."""


class HoldsTooMany(Exception):
    """So many scarce things wait unpaid for this member that others go without."""


class NotNow(Exception):
    """The subscription's state does not allow it."""


class BadSignature(Exception):
    """A notice that the gateway did not sign."""


class GatewayDown(Exception):
    """The gateway did not do what was asked; its books are as they were, or unknown."""


class TooMuch(Exception):
    """More is to be given back than was paid."""


class NothingLeft(Exception):
    """Nothing of it can be given back (any more), or not now."""


class Credited(Exception):
    """What is left of it was credited to another order, which would go first."""


class UnknownCode(Exception):
    """No gift has this code, or it was redeemed or taken back."""


class NotAllowed(Exception):
    """Whoever asked for it may not decide it."""


class AgreementMissing(Exception):
    """The member has not agreed to the text that this rests on."""


class Muted(Exception):
    """The member may not write in the talk for a while."""


class AlreadyDecided(Exception):
    """Somebody else was faster, or the member has changed their mind."""


class EndMissing(Exception):
    """It is given for a time only."""


class LastOperator(Exception):
    """Nobody would be left who could undo it."""


class NotTaken(Exception):
    """The other takes no message from this member; why is theirs to know."""


class TooManyMessages(Exception):
    """More than a person writes in that time."""


class WaitForAnswer(Exception):
    """Who has not answered yet is not written to again and again."""


class TooManyTries(Exception):
    """So many codes a minute are not typed but guessed."""
