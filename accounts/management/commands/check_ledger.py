import json

from django.core.management.base import BaseCommand, CommandError

from accounts.services import ledger


class Command(BaseCommand):
    help = "Prove every balance of the money and points ledger from its entries."

    def add_arguments(self, parser):
        parser.add_argument(
            "--json", action="store_true", help="print what is wrong as one JSON object"
        )

    def handle(self, **options):
        found = ledger.check()
        if options["json"]:
            self.stdout.write(
                json.dumps({"checks": len(ledger.CHECKS), "wrong": found})
            )
        for what, ids in found.items():
            self.stderr.write(f"{len(ids)} {what}: {ids[:10]}")
        if found:
            raise CommandError("The ledger is not in order.")
        if not options["json"]:
            self.stdout.write("Every balance is proven by its entries.")
