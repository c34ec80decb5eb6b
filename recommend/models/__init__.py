from recommend.models.lists import Dismissal, Neighbour, PopularItem, Recommendation
from recommend.models.runs import RecommendRun

__all__ = [
    "Dismissal",
    "Neighbour",
    "PopularItem",
    "RecommendRun",
    "Recommendation",
]
