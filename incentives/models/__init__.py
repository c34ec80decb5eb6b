from incentives.models.points import Award, PointRule

__all__ = ["Award", "PointRule"]
