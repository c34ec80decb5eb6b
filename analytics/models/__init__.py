"""What the models are made from, and what came out of them."""

from analytics.models.days import MemberDay, RollUp

__all__ = ["MemberDay", "RollUp"]
