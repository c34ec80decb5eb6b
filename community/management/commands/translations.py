import sys

from django.core.management.base import BaseCommand

from community import translations


class Command(BaseCommand):
    help = "Collect, check or compile the sentences to translate (no gettext needed)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument(
            "--update", action="store_true", help="bring locale/*/django.po up to date"
        )
        what.add_argument(
            "--check", action="store_true", help="name all that is not translated right"
        )
        what.add_argument("--compile", action="store_true", help="write the .mo files")

    def handle(self, *, update, check, **options):
        if update:
            self.update()
        elif check:
            self.check_all()
        else:
            self.compile()

    def update(self):
        wanted = translations.messages()
        for catalogue in translations.catalogues():
            catalogue.update(wanted)
            left = len(catalogue.problems(wanted))
            self.stdout.write(
                f"{catalogue.locale}: {len(wanted)} sentences, {left} open"
            )

    def check_all(self):
        wanted = translations.messages()
        found = [
            f"{catalogue.locale}: {problem}"
            for catalogue in translations.catalogues()
            for problem in catalogue.problems(wanted)
        ]
        if found:
            self.stderr.write("\n".join(found))
            self.stderr.write(f"{len(found)} translations are not right.")
            sys.exit(1)
        self.stdout.write(f"All {len(wanted)} sentences are translated.")

    def compile(self):
        for catalogue in translations.catalogues():
            catalogue.compile()
