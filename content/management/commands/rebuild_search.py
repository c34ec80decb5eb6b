from django.core.management.base import BaseCommand
from django.db import connection

from content.services import search_index


class Command(BaseCommand):
    help = "Makes the index of search anew. Until it is done, little is found."

    def handle(self, *args, **options):
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE content_searchdocument")
        rows, words = search_index.sweep(), search_index.count_words()
        self.stdout.write(f"{rows} things can be found, by {words} words.")
