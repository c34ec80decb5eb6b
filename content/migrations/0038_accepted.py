import django.contrib.postgres.fields
from django.db import migrations, models

# A topic keeps the numbers of its accepted answers, those that the asker chose first.
KEEP = """
UPDATE content_topic AS topic SET accepted = answers.numbers
  FROM (SELECT post.topic_id, array_agg(post.number ORDER BY mark.role, post.number)
               AS numbers
          FROM (SELECT post_id, min(role) AS role
                  FROM content_acceptedanswer GROUP BY post_id) AS mark
          JOIN content_post AS post ON post.id = mark.post_id
         GROUP BY post.topic_id) AS answers
 WHERE answers.topic_id = topic.id;
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [("content", "0037_community")]

    operations = [
        migrations.AddField(
            model_name="topic",
            name="accepted",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.PositiveIntegerField(),
                db_default=[],
                default=list,
                editable=False,
                size=None,
                verbose_name="accepted answers",
            ),
        ),
        migrations.RunSQL(KEEP, migrations.RunSQL.noop),
    ]
