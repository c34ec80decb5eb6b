"""Coupons of campaigns: whom one has not reached never uses its coupon."""

import django.db.models.deletion
from django.db import migrations, models

UNREACHED_NEVER_USE = """
CREATE FUNCTION incentives_coupon_is_for_the_reached() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM incentives_campaign AS campaign
         WHERE campaign.coupon_id = NEW.coupon_id AND NOT EXISTS (
               SELECT FROM incentives_campaignmember AS reached
                WHERE reached.campaign_id = campaign.id
                  AND reached.member_id = NEW.member_id)
    ) THEN
        RAISE EXCEPTION 'held_out_never_receives: a coupon'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER held_out_never_receives BEFORE INSERT ON incentives_couponuse
FOR EACH ROW EXECUTE FUNCTION incentives_coupon_is_for_the_reached();
"""
UNREACHED_NEVER_USE_BACK = """
DROP TRIGGER held_out_never_receives ON incentives_couponuse;
DROP FUNCTION incentives_coupon_is_for_the_reached();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("incentives", "0011_suspicions"),
    ]

    operations = [
        migrations.AddField(
            model_name="campaign",
            name="coupon",
            field=models.OneToOneField(
                blank=True,
                help_text="One for the members of a list: whom the campaign reaches is put on it.",
                limit_choices_to={"audience": "listed"},
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="campaign",
                to="incentives.coupon",
                verbose_name="coupon",
            ),
        ),
        migrations.AddField(
            model_name="coupon",
            name="min_level",
            field=models.PositiveSmallIntegerField(
                blank=True, null=True, verbose_name="from which level on"
            ),
        ),
        migrations.AlterField(
            model_name="coupon",
            name="audience",
            field=models.CharField(
                choices=[
                    ("everybody", "Everybody"),
                    ("new", "Who has not bought anything yet"),
                    ("holders", "Who holds a key now, such as a plan"),
                    ("listed", "Members of a list"),
                    ("level", "Members from a level on"),
                ],
                default="everybody",
                max_length=10,
                verbose_name="for whom",
            ),
        ),
        migrations.RunSQL(UNREACHED_NEVER_USE, UNREACHED_NEVER_USE_BACK),
    ]
