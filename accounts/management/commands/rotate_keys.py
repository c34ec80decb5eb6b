from django.core.management.base import BaseCommand, CommandError

from accounts.services import keys
from community.lib.sealed import CannotOpen


class Command(BaseCommand):
    help = "Seal personal data anew with the first of FIELD_KEYS. Safe to repeat."

    def handle(self, **options):
        try:
            done = keys.rotate()
        except CannotOpen as error:
            raise CommandError(
                f"{error} was sealed with a key that FIELD_KEYS does not hold. "
                "Add the old key behind the new one."
            ) from error
        self.stdout.write(f"{done} values were sealed anew. Older keys may go.")
