import csv
import secrets
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from tqdm import tqdm

from accounts.models import User
from community import nightly
from community.demo import (
    campaigns,
    desk,
    rewards,
    stories,
    till,
)
from community.demo.cast import give_logins
from community.demo.challenges import camp
from community.demo.events import convene
from community.demo.furniture import furnish, gather, make_staff, talk, texts, wait

DAYS = 548  # a year and a half
WORDS = ("calm", "clear", "early", "green", "quiet", "slow", "still", "warm")
THINGS = ("bridge", "garden", "harbour", "lamp", "letter", "river", "table", "window")


def new_password():
    """Easy to copy by hand, and another one for each demo."""
    number = secrets.randbelow(9000) + 1000
    return f"{secrets.choice(WORDS)}-{secrets.choice(THINGS)}-{number}"


class Command(BaseCommand):
    help = (
        "Fill an empty site with a simulated community whose truth is known: who "
        "responds to lessons, who to talk, who to nothing."
    )

    def add_arguments(self, parser):
        parser.add_argument("--members", type=int, default=300)
        parser.add_argument("--seed", type=int, default=1, help="another life")
        parser.add_argument(
            "--truth", type=Path, help="write the truth to this CSV file, to judge by"
        )
        parser.add_argument(
            "--no-night", action="store_true", help="leave the models to the next night"
        )

    def handle(self, *, members, seed, truth, no_night, **options):
        if not 1 <= members <= 1_000_000:
            raise CommandError("--members is a number from 1 to 1,000,000.")
        if User.objects.exists():
            raise CommandError(
                "The demo fills only an empty site, and this one has members. Use "
                "another folder or database: VAR_DIR=… or DATABASE_URL=…"
            )
        self.say(f"Imagining a community of {members:,} members…")
        password = new_password()
        with transaction.atomic():
            staff = self.fill(members, seed, password)
            if truth:
                self.write_truth(truth)
            logins = give_logins(password)
            self.say("Telling their stories…")
            stories.tell(staff)
        self.write_logins(logins, password)
        if not no_night:
            self.say("Running the night over it: facts, models, recommendations…")
            nightly.run_night(nightly.yesterday())

    def fill(self, members, seed, password):
        # numpy is heavy, and only this command needs it here.
        from community.demo.writer import Writer

        writer = Writer(days=DAYS, seed=seed, texts=texts())
        staff = make_staff(password, writer.opened_at)
        writer.prepare(furnish(writer.opened_at, staff))
        desk.lay_out(texts()["draft"], staff)
        with tqdm(total=members, unit=" members", disable=None) as bar:
            writer.write_all(members, bar.update)
        talk(texts()["lesson_talk"])
        wait(texts()["held"])
        self.say("Counting points…")
        writer.finish()
        gather(texts()["cohort"])
        convene(texts()["event"])
        camp(texts()["challenge"])
        till.fill(staff, texts()["till"])
        rewards.lay_out(texts()["reward"])
        campaigns.draft(staff["operator"])
        return staff

    def write_truth(self, path):
        with path.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["member", "responds_to", "space", "base"])
            with connection.cursor() as cursor:
                cursor.execute("SELECT * FROM demo_truth ORDER BY member_id")
                for member, responds, space, base in cursor:
                    what = ("nothing", "lessons", "talk")[responds]
                    rows.writerow([member, what, space, f"{base:.6f}"])
        self.say(f"The truth is in {path}.")

    def write_logins(self, logins, password):
        lines = [f"  {email:<24} {what}" for email, what in logins]
        text = "\n".join(["Sign in with:", *lines, f"  password: {password}"])
        path = settings.VAR_DIR / "demo-logins.txt"
        path.touch(mode=0o600)
        path.write_text(f"{text}\n", encoding="utf-8")
        self.say(text)

    def say(self, text):
        self.stdout.write(text)
        self.stdout.flush()
