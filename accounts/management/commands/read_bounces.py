"""Takes in reports of mails that came back, from a mailbox or from standard input."""

import mailbox
import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from accounts.services import bounces


class Command(BaseCommand):
    help = "Reads delivery reports (RFC 3464) and counts none twice."

    def add_arguments(self, parser):
        parser.add_argument(
            "mailbox",
            nargs="?",
            help="a Maildir or an mbox file; else one message comes by standard input",
        )

    def handle(self, *args, **options):
        path = options["mailbox"]
        messages = _messages_in(Path(path)) if path else [sys.stdin.buffer.read()]
        failed = sum(bounces.read_report(data) for data in messages)
        self.stdout.write(f"{failed} mails came back.")


def _messages_in(path):
    if not path.exists():
        raise CommandError(f"There is no {path}.")
    opener = mailbox.Maildir if path.is_dir() else mailbox.mbox
    with_reports = opener(path, create=False)
    try:
        return [message.as_bytes() for message in with_reports]
    finally:
        with_reports.close()
