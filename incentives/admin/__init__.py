from incentives.admin import (
    badges,
    bounties,
    budgets,
    levels,
    rules,
)

__all__ = ["badges", "bounties", "budgets", "levels", "rules"]
