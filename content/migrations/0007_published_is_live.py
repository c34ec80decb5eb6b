from django.db import migrations


class Migration(migrations.Migration):
    """Before there were states, whatever had a date was live."""

    dependencies = [("content", "0006_kinds")]
    operations = [
        migrations.RunSQL(
            "UPDATE content_item SET state = 'live' WHERE published_at IS NOT NULL",
            migrations.RunSQL.noop,
        )
    ]
