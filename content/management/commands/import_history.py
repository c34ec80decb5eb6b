"""Bring the history of another platform into a space.

    manage.py import_history DIR --space NAME [--dry-run] [--skip-invalid] [--json]

DIR holds three CSV files in UTF-8 with commas, each plain or as .gz:

    members.csv    member, joined_on, [left_on]
    items.csv      item, [kind], [title]
    activity.csv   on, member, verb, [item], [count]

Columns may stand in any order; other columns are ignored and named. Dates are
`2013-01-23` (stored at noon) or `2013-01-23T14:05:00[+08:00]`, local to TIME_ZONE
where they carry no offset. A verb is one of accounts.models.Verb.

--json prints one object: `space`, `space_is_new`, `written`; for each of `members`,
`items`, `activity` the counts `read`, `new`, `present`; `problems` and `warnings`
with `count`, `by_reason` and `first` (up to 100 of {file, line, reason, detail});
`notes`; `seconds`; `rows_per_second`. With {"error": …} nothing could be read.
The exit status is 1 when lines are wrong and were not skipped.
"""

import json
import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from content.services.history_files import Problems, UnusableFile
from content.services.imports import InvalidHistory, Report, import_history

SHOWN = 20


class Command(BaseCommand):
    help = "Bring the history of another platform (a folder of CSV files) into a space."

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, metavar="DIR")
        parser.add_argument("--space", required=True, metavar="NAME")
        parser.add_argument(
            "--dry-run", action="store_true", help="only say what would be made"
        )
        parser.add_argument(
            "--skip-invalid", action="store_true", help="import all but wrong lines"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *, folder, space, dry_run, skip_invalid, **options):
        try:
            report = import_history(
                folder=folder,
                space_name=space,
                dry_run=dry_run,
                skip_invalid=skip_invalid,
                progress=self.stderr.write,
            )
        except UnusableFile as fault:
            if options["json"]:
                self.stdout.write(json.dumps({"error": str(fault)}))
            raise CommandError(str(fault)) from fault
        except InvalidHistory as fault:
            report = fault.report

        if options["json"]:
            self.stdout.write(json.dumps(report.as_dict()))
        else:
            self.tell(report, dry_run)
        if report.problems.count and not skip_invalid:
            sys.exit(1)

    def tell(self, report: Report, dry_run: bool) -> None:
        made = "would be made" if dry_run else "made" if report.written else "not made"
        new = " (new)" if report.space_is_new else ""
        self.stdout.write(f"Space {report.space}{new}")
        for name in ("members", "items", "activity"):
            count = getattr(report, name)
            self.stdout.write(
                f"  {name}: {count.read:,} read, {count.new:,} {made}, "
                f"{count.present:,} already there"
            )
        for note in report.notes:
            self.stdout.write(f"  {note}")
        self.tell_lines("Warnings", report.warnings)
        self.tell_lines("Wrong lines", report.problems)
        if report.problems.count and not report.written and not dry_run:
            self.stdout.write(
                "Nothing was written. Mend these lines, or pass --skip-invalid."
            )
        if report.written:
            self.stdout.write(
                f"Done in {report.seconds} s, {report.rows_per_second:,} lines/s."
            )

    def tell_lines(self, title: str, problems: Problems) -> None:
        if not problems.count:
            return
        self.stdout.write(f"{title}: {problems.count:,}")
        for reason, count in problems.by_reason.items():
            self.stdout.write(f"  {reason}: {count:,}")
        for line in problems.first[:SHOWN]:
            self.stdout.write("  {file} line {line}: {reason} {detail}".format(**line))
        if problems.count > SHOWN:
            self.stdout.write(f"  … and {problems.count - SHOWN:,} more")
