"""This app's part of the night."""

from community.lib.steps import Step

STEPS: list[Step] = []
