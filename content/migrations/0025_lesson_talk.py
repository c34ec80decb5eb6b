import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0024_days"),
    ]

    operations = [
        migrations.AddField(
            model_name="topic",
            name="lesson",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="topics",
                to="content.lesson",
                verbose_name="lesson",
            ),
        ),
        migrations.AddIndex(
            model_name="topic",
            index=models.Index(
                models.F("lesson"),
                models.OrderBy(models.F("last_post_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("hidden_at", None), ("lesson__isnull", False)),
                name="topic_lesson_latest",
            ),
        ),
        migrations.AddConstraint(
            model_name="topic",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("lesson", None), ("item__isnull", False), _connector="OR"
                ),
                name="topic_of_a_lesson_is_of_its_course",
            ),
        ),
    ]
