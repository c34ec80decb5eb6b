"""How far the night has come with rendering old texts anew."""

from django.db import models


class Rendering(models.Model):
    """Up to which row the texts of a table are as the renderer `version` shows them;
    what came later follows at night."""

    table = models.CharField(max_length=40, unique=True)
    version = models.PositiveSmallIntegerField()
    last_id = models.BigIntegerField(default=0)

    def __str__(self):
        return f"{self.table} to {self.last_id}"
