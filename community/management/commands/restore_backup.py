from pathlib import Path

import psycopg2
from django.core.management.base import BaseCommand, CommandError

from community import backups
from community.dumps import Database


class Command(BaseCommand):
    help = "Load an encrypted backup into an empty database."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--into", metavar="DATABASE_URL", required=True)
        parser.add_argument(
            "--media", metavar="DIR", type=Path, help="where the uploads go"
        )

    def handle(self, *, file, into, media, **options):
        try:
            rows = backups.restore(file, Database(into), media=media)
        except (backups.BackupFailed, psycopg2.Error) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{sum(rows.values()):,} rows in {len(rows)} tables.")
