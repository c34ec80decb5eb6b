class RuleInForce(Exception):
    """What pays, or has paid, is not rewritten; a draft is no rule in force."""
