import json
import sys

from django.core.management.base import BaseCommand, CommandError

from accounts.models import AuditRecord
from accounts.services import audit


class Command(BaseCommand):
    help = "Recompute the chain of the staff's acts and the ledger's anchors."

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument(
            *("--noted", "-n"),
            nargs=2,
            metavar=("NUMBER", "HASH"),
            help="a record as a log or the manifest of a backup has it",
        )

    def handle(self, *, json: bool, noted: list[str] | None, **options):
        expected = {"number": _number(noted[0]), "hash": noted[1]} if noted else None
        problem, count = audit.verify(expected), AuditRecord.objects.count()
        self.stdout.write(_as_json(problem, count) if json else _said(problem, count))
        if problem:
            sys.exit(1)


def _number(text: str) -> int:
    if not text.isdecimal():
        raise CommandError("NUMBER is the number of a record.")
    return int(text)


def _as_json(problem: str, count: int) -> str:
    return json.dumps({"records": count, "problem": problem})


def _said(problem: str, count: int) -> str:
    return f"Not as it was: {problem}." if problem else f"All {count} records fit."
