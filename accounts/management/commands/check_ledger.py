from django.core.management.base import BaseCommand, CommandError

from accounts.services import ledger


class Command(BaseCommand):
    help = "Prove every balance of the money and points ledger from its entries."

    def handle(self, **options):
        found = ledger.check()
        for what, ids in found.items():
            self.stderr.write(f"{len(ids)} {what}: {ids[:10]}")
        if found:
            raise CommandError("The ledger is not in order.")
        self.stdout.write("Every balance is proven by its entries.")
