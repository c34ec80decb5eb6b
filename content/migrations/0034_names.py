from django.db import connection, migrations
from django.db.models.functions import Lower

# The library that makes the table knows nothing of letters' cases.
ONE_NAME = "CREATE UNIQUE INDEX tag_name_once ON taggit_tag (lower(name))"
ONE_NAME_BACK = "DROP INDEX tag_name_once"


def merge_twins(apps, schema_editor):
    """Tags that differ by case only: the oldest keeps what all of them carry."""
    Tag = apps.get_model("taggit", "Tag")
    kept = {}
    for tag in Tag.objects.annotate(lower=Lower("name")).order_by("pk"):
        into = kept.setdefault(tag.lower, tag)
        if into is not tag:
            _move(apps, tag, into)
            tag.delete()
    _settle()


def _move(apps, tag, into):
    carried = apps.get_model("taggit", "TaggedItem").objects
    for row in carried.filter(tag=tag.pk):
        same = {"content_type": row.content_type_id, "object_id": row.object_id}
        if not carried.filter(tag=into.pk, **same).exists():
            carried.filter(pk=row.pk).update(tag=into.pk)
    followed = apps.get_model("accounts", "Interest").objects
    followers = followed.filter(tag=into.pk).values("member")
    followed.filter(tag=tag.pk).exclude(member__in=followers).update(tag=into.pk)
    apps.get_model("content", "TagSynonym").objects.filter(tag=tag.pk).update(
        tag=into.pk
    )


def _settle():
    """What is checked at the end of a transaction is checked now: no index is made
    over rows that wait for it."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0036_shared"),
        ("content", "0033_marks"),
    ]

    operations = [
        migrations.RunPython(merge_twins, migrations.RunPython.noop),
        migrations.RunSQL(ONE_NAME, ONE_NAME_BACK),
    ]
