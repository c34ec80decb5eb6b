"""What the models are made from, and what came out of them."""

from analytics.models.days import MemberDay, RollUp
from analytics.models.effects import EffectRun
from analytics.models.reports import (
    Catalogue,
    Coverage,
    Events,
    Figures,
    Recruiting,
    Revenue,
)
from analytics.models.runs import ActivityScore, ModelRun
from analytics.models.triage import TriageRun
from analytics.models.trials import Trial, TrialRun

__all__ = [
    "ActivityScore",
    "Catalogue",
    "Coverage",
    "EffectRun",
    "Events",
    "Figures",
    "MemberDay",
    "ModelRun",
    "Recruiting",
    "Revenue",
    "RollUp",
    "TriageRun",
    "Trial",
    "TrialRun",
]
