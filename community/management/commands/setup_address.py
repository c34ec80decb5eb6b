from django.core.management.base import BaseCommand, CommandError

from community import first_run


class Command(BaseCommand):
    help = "Print the address where a new community is set up."

    def handle(self, **options):
        if not first_run.needed():
            raise CommandError("The community is set up: it has an operator.")
        self.stdout.write(first_run.path())
