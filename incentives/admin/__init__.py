from incentives.admin import badges, bounties, levels, rules

__all__ = ["badges", "bounties", "levels", "rules"]
