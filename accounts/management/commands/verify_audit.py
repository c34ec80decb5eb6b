import json
import sys

from django.core.management.base import BaseCommand

from accounts.models import AuditRecord
from accounts.services import audit


class Command(BaseCommand):
    help = "Recompute the chain of the staff's acts and the ledger's anchors."

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *, json: bool, **options):
        problem, count = audit.verify(), AuditRecord.objects.count()
        self.stdout.write(_as_json(problem, count) if json else _said(problem, count))
        if problem:
            sys.exit(1)


def _as_json(problem: str, count: int) -> str:
    return json.dumps({"records": count, "problem": problem})


def _said(problem: str, count: int) -> str:
    return f"Not as it was: {problem}." if problem else f"All {count} records fit."
