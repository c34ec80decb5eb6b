from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from community import backups


class Command(BaseCommand):
    help = "Back up the database and the uploads into one encrypted file."

    def add_arguments(self, parser):
        parser.add_argument("--to", metavar="DIR", type=Path, help="not BACKUP_DIR")
        parser.add_argument(
            "--test", action="store_true", help="then load it elsewhere and check it"
        )

    def handle(self, *, to, test, **options):
        try:
            made = backups.make(to)
            self.stdout.write(f"{made.path}: {made.size:,} bytes.")
            if left_out := backups.uploads_left_out():
                self.stdout.write(left_out)
            if test:
                backups.test_latest()
                self.stdout.write("It loads, and what it holds is in order.")
        except backups.BackupFailed as error:
            raise CommandError(str(error)) from error
