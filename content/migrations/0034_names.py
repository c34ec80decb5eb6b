from django.db import connection, migrations, models
from django.db.models import F
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


def renew_what_was_renewed(apps, schema_editor):
    """Of several that one member has of one course, all but the last were renewed: the
    one that is true, or the one that was given last."""
    certificates = apps.get_model("content", "Certificate").objects
    seen = set()
    given = certificates.filter(renewable_at=None)
    for it in given.order_by(F("revoked_at").desc(nulls_first=True), "-issued_at"):
        if (it.member_id, it.item_id) in seen:
            certificates.filter(pk=it.pk).update(renewable_at=it.revoked_at)
        seen.add((it.member_id, it.item_id))
    _settle()


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
        migrations.RunPython(renew_what_was_renewed, migrations.RunPython.noop),
        migrations.RemoveConstraint(
            model_name="certificate",
            name="certificate_once_a_course",
        ),
        migrations.AddConstraint(
            model_name="certificate",
            constraint=models.UniqueConstraint(
                condition=models.Q(("renewable_at", None)),
                fields=("member", "item"),
                name="certificate_once_until_renewable",
            ),
        ),
        migrations.AddIndex(
            model_name="handedin",
            index=models.Index(
                condition=models.Q(("outcome", "waiting"), _negated=True),
                fields=["-reviewed_at", "-id"],
                name="work_reviewed",
            ),
        ),
    ]
