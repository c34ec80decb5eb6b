from django.core.management.base import BaseCommand

from community import queue


class Command(BaseCommand):
    help = (
        "Give the tasks a killed worker had fetched back to the queue. Only while no "
        "worker runs: before the only one is started."
    )

    def handle(self, **options):
        self.stdout.write(f"{queue.return_unfinished()} tasks given back.")
