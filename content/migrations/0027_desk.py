import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models
from django.db.models import F

# A name means one thing: a tag, or another name of one. One lock for both tables, as
# neither sees what the other is about to write.
NAMES = """
DELETE FROM content_tagsynonym AS synonym USING taggit_tag AS tag
 WHERE lower(synonym.name) = lower(tag.name);
UPDATE content_tagsynonym SET slug = '' WHERE slug IN (SELECT slug FROM taggit_tag);

CREATE FUNCTION content_tag_name_is_free() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    taken boolean;
BEGIN
    PERFORM pg_advisory_xact_lock(20260030);
    IF TG_TABLE_NAME = 'taggit_tag' THEN
        taken := EXISTS (SELECT 1 FROM content_tagsynonym
                          WHERE lower(name) = lower(NEW.name)
                             OR slug = NEW.slug AND slug <> '');
    ELSE
        taken := EXISTS (SELECT 1 FROM taggit_tag
                          WHERE lower(name) = lower(NEW.name)
                             OR slug = NEW.slug AND slug <> '');
    END IF;
    IF taken THEN
        RAISE EXCEPTION 'the name or address of % is taken', NEW.name
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'tag_name_means_one';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER tag_name_is_free BEFORE INSERT OR UPDATE OF name, slug
    ON taggit_tag FOR EACH ROW EXECUTE FUNCTION content_tag_name_is_free();
CREATE TRIGGER tag_name_is_free BEFORE INSERT OR UPDATE OF name, slug
    ON content_tagsynonym FOR EACH ROW EXECUTE FUNCTION content_tag_name_is_free();
"""
NAMES_BACK = """
DROP TRIGGER tag_name_is_free ON taggit_tag;
DROP TRIGGER tag_name_is_free ON content_tagsynonym;
DROP FUNCTION content_tag_name_is_free();
"""
# The admin once scheduled without one: nobody was told that it went out.
PUBLICATIONS = """
INSERT INTO content_publication (item_id, due_at)
SELECT id, published_at FROM content_item AS item
 WHERE state = 'live' AND published_at > now() AND NOT EXISTS (
       SELECT 1 FROM content_publication WHERE item_id = item.id AND done_at IS NULL)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0026_searches"),
        (
            "taggit",
            "0006_rename_taggeditem_content_type_object_id_taggit_tagg_content_8fc721_idx",
        ),
    ]

    operations = [
        migrations.RunSQL(NAMES, NAMES_BACK),
        migrations.CreateModel(
            name="ReturnReason",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("text", models.CharField(max_length=400, verbose_name="text")),
                (
                    "text_zh",
                    models.CharField(
                        blank=True, max_length=400, verbose_name="text in Chinese"
                    ),
                ),
                (
                    "position",
                    models.PositiveSmallIntegerField(
                        default=0, verbose_name="position"
                    ),
                ),
            ],
            options={
                "verbose_name": "reason for sending back",
                "verbose_name_plural": "reasons for sending back",
                "ordering": ["position", "id"],
            },
        ),
        migrations.CreateModel(
            name="Rendering",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("table", models.CharField(max_length=40, unique=True)),
                ("version", models.PositiveSmallIntegerField()),
                ("last_id", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="QualityMark",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("stars", models.FloatField()),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="quality_marks",
                        to="content.item",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("item", "stars"), name="quality_mark_once_a_level"
                    )
                ],
            },
        ),
        migrations.RemoveIndex(model_name="item", name="item_live_quality"),
        migrations.AddField(
            model_name="item",
            name="quality_low",
            field=models.GeneratedField(
                db_persist=True,
                expression=F("quality") - 1.96 * F("quality_sd"),
                output_field=models.FloatField(null=True),
                verbose_name="quality, surely",
            ),
        ),
        migrations.AddIndex(
            model_name="item",
            index=models.Index(
                F("quality_low").desc(nulls_last=True),
                F("id").desc(),
                condition=models.Q(("state", "live")),
                name="item_live_quality_low",
            ),
        ),
        migrations.RunSQL(PUBLICATIONS, migrations.RunSQL.noop),
    ]
