"""Kinds of news are looked up by name: a new one needs no migration."""

from django.db import migrations, models

import accounts.models.notifications


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0040_activities"),
    ]

    operations = [
        migrations.AlterField(
            model_name="notification",
            name="kind",
            field=models.CharField(
                choices=accounts.models.notifications.kind_choices,
                max_length=30,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="retentionrule",
            name="kind",
            field=models.CharField(
                choices=[
                    ("sessions", "Where people were signed in"),
                    ("notices", "Messages of payment services"),
                    ("wording", "The full wording of those messages"),
                    ("mails", "Notes that a mail was sent"),
                    ("exports", "Copies of data that members asked for"),
                    ("messages", "What members wrote to each other"),
                    ("reports", "Reported messages that were settled"),
                    ("robots", "What robots told in chat groups"),
                ],
                max_length=10,
                unique=True,
                verbose_name="kind",
            ),
        ),
    ]
