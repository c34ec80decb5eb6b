from incentives.admin import badges, bounties, levels, points

__all__ = ["badges", "bounties", "levels", "points"]
