"""What the models are made from, and what came out of them."""

from analytics.models.days import MemberDay, RollUp
from analytics.models.reports import (
    Catalogue,
    Coverage,
    Figures,
    Recruiting,
    Revenue,
)
from analytics.models.runs import ActivityScore, ModelRun

__all__ = [
    "ActivityScore",
    "Catalogue",
    "Coverage",
    "Figures",
    "MemberDay",
    "ModelRun",
    "Recruiting",
    "Revenue",
    "RollUp",
]
