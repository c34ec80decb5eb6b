"""`manage.py replay_awards --days 7 [--apply]`: what comes out differently."""

from django.core.management.base import BaseCommand

from incentives.services import replay


class Command(BaseCommand):
    help = "Read the log again by the rules of the time; with --apply, put it right."

    def add_arguments(self, parser):
        parser.add_argument("--days", type=int, default=7)
        parser.add_argument("--apply", action="store_true")

    def handle(self, *args, days, apply, **options):
        found = replay.differences(days=days)
        for it in found:
            self.stdout.write(
                f"{it.at:%Y-%m-%d %H:%M} member {it.member}: {it.was} -> {it.is_now}"
            )
        self.stdout.write(
            f"{len(found)} differ, {sum(it.change for it in found):+d} points"
        )
        if apply:
            self.stdout.write(f"{replay.replay(days=days, by=None)} put right")
