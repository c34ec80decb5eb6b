from django.db import migrations, models

FILL = """
UPDATE accounts_user AS member
   SET removed_at = removal.begins_at
  FROM (SELECT member_id, min(begins_at) AS begins_at
          FROM accounts_sanction
         WHERE kind = 'removal' AND begins_at <= now() AND lifted_at IS NULL
         GROUP BY member_id) AS removal
 WHERE member.id = removal.member_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0038_community"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="removed_at",
            field=models.DateTimeField(
                blank=True, editable=False, null=True, verbose_name="removed at"
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
