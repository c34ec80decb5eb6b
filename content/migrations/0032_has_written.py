from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0031_watching"),
    ]

    operations = [
        migrations.AddField(
            model_name="coauthorinvitation",
            name="has_written",
            field=models.BooleanField(default=False),
        ),
    ]
