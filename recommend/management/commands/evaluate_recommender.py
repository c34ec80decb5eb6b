import json
import resource
import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Measure the recommender on files: one line a user, then the user's items."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.add_argument("--train", type=Path, required=True)
        parser.add_argument("--test", type=Path, required=True)
        parser.add_argument("-k", type=int, default=20)
        parser.add_argument("--json", action="store_true")

    def handle(self, *, train, test, k, **options):
        import numpy as np

        from recommend.numerics import filters
        from recommend.numerics.evaluation import quality
        from recommend.numerics.files import read_pairs

        try:
            matrix, later = read_pairs(train, test)
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from error
        begun = time.monotonic()
        fitted = filters.fit(matrix)
        fit_seconds = time.monotonic() - begun
        begun = time.monotonic()
        top = np.vstack([block for _, block in filters.top_items(fitted, matrix, k)])
        rank_seconds = time.monotonic() - begun
        found = quality(top, later)
        result = {
            "recall": round(float(found.recall.mean()), 4),
            "ndcg": round(float(found.ndcg.mean()), 4),
            "coverage": round(found.coverage, 4),
            "fit_seconds": round(fit_seconds, 1),
            "rank_seconds": round(rank_seconds, 1),
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }
        if options["json"]:
            self.stdout.write(json.dumps(result))
            return
        for name, value in result.items():
            self.stdout.write(f"{name:>14} {value}")
