from django.core.management.base import BaseCommand

from community import preparation


class Command(BaseCommand):
    help = (
        "Bring database, translations and static files up to date, where they are not."
    )
    requires_system_checks: list[str] = []

    def handle(self, **options):
        preparation.bring_up_to_date(self.stdout.write)
