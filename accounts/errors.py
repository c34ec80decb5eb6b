"""Facts that can stop a service of this app."""


class NotEnough(Exception):
    """An account does not hold what was to be taken from it."""


class KeyReused(Exception):
    """A ledger key that was posted before came again with other lines."""


class AlreadyOwned(Exception):
    """The member holds for ever what this offer sells."""


class BadSignature(Exception):
    """A notice that the gateway did not sign."""


class GatewayDown(Exception):
    """The gateway did not answer; nothing is known, nothing was changed."""
