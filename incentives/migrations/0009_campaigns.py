"""What chance has decided stays so, and whom it holds out receives nothing.

Statement by statement, so that a batch of awards pays for one look, not one a row.
"""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import incentives.models.holdouts

EXPOSURE_IS_KEPT = """
CREATE FUNCTION incentives_exposure_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'exposure_is_kept: a group is drawn once'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER exposure_is_kept BEFORE UPDATE OR DELETE ON incentives_exposure
FOR EACH ROW EXECUTE FUNCTION incentives_exposure_is_kept();
"""
EXPOSURE_IS_KEPT_BACK = """
DROP TRIGGER exposure_is_kept ON incentives_exposure;
DROP FUNCTION incentives_exposure_is_kept();
"""

TERMS_STAND = """
CREATE FUNCTION incentives_hold_out_terms_stand() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.started_at IS NULL THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'DELETE' OR OLD.ended_at IS DISTINCT FROM NEW.ended_at
        AND OLD.ended_at IS NOT NULL
        OR (OLD.rule_id, OLD.campaign_id, OLD.percent, OLD.outcome,
            OLD.smallest_effect, OLD.until, OLD.salt, OLD.started_at)
        IS DISTINCT FROM
           (NEW.rule_id, NEW.campaign_id, NEW.percent, NEW.outcome,
            NEW.smallest_effect, NEW.until, NEW.salt, NEW.started_at)
    THEN
        RAISE EXCEPTION 'hold_out_terms_stand: what is tried was named before'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER hold_out_terms_stand BEFORE UPDATE OR DELETE ON incentives_holdout
FOR EACH ROW EXECUTE FUNCTION incentives_hold_out_terms_stand();
"""
TERMS_STAND_BACK = """
DROP TRIGGER hold_out_terms_stand ON incentives_holdout;
DROP FUNCTION incentives_hold_out_terms_stand();
"""

CAMPAIGN_GOES_ITS_WAY = """
CREATE FUNCTION incentives_campaign_goes_its_way() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'draft' THEN
            RAISE EXCEPTION 'campaign_goes_its_way: it begins as a draft'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state <> NEW.state AND (OLD.state || ' ' || NEW.state) NOT IN (
        'draft waiting', 'draft ready', 'waiting ready', 'waiting draft',
        'ready draft', 'ready running', 'running ended'
    ) THEN
        RAISE EXCEPTION 'campaign_goes_its_way: not from % to %',
            OLD.state, NEW.state USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.state <> 'draft' AND NEW.state <> 'draft' AND
        (to_jsonb(OLD) - '{state,approved_by_id,started_at,ended_at}'::text[])
        IS DISTINCT FROM
        (to_jsonb(NEW) - '{state,approved_by_id,started_at,ended_at}'::text[])
    THEN
        RAISE EXCEPTION 'campaign_terms_stand: they stand once it is handed in'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER campaign_goes_its_way BEFORE INSERT OR UPDATE ON incentives_campaign
FOR EACH ROW EXECUTE FUNCTION incentives_campaign_goes_its_way();
"""
CAMPAIGN_GOES_ITS_WAY_BACK = """
DROP TRIGGER campaign_goes_its_way ON incentives_campaign;
DROP FUNCTION incentives_campaign_goes_its_way();
"""

# A campaign holds out as long as it runs; a rule's deeds count by their own moment.
HELD_OUT_NEVER_RECEIVES = """
CREATE FUNCTION incentives_reached_is_not_held_out() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM fresh
          JOIN incentives_holdout AS trial ON trial.campaign_id = fresh.campaign_id
         WHERE NOT EXISTS (
               SELECT FROM incentives_exposure AS drawn
                WHERE drawn.hold_out_id = trial.id
                  AND drawn.member_id = fresh.member_id AND drawn.arm = 'treated')
    ) THEN
        RAISE EXCEPTION 'held_out_never_receives: a campaign'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER held_out_never_receives AFTER INSERT ON incentives_campaignmember
REFERENCING NEW TABLE AS fresh
FOR EACH STATEMENT EXECUTE FUNCTION incentives_reached_is_not_held_out();

CREATE FUNCTION incentives_awarded_is_not_held_out() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM fresh
          JOIN incentives_pointrule AS version ON version.family = fresh.family
          JOIN incentives_holdout AS trial ON trial.rule_id = version.id
           AND trial.started_at <= fresh.awarded_at
           AND (trial.ended_at IS NULL OR trial.ended_at > fresh.awarded_at)
         WHERE fresh.points > 0 AND NOT EXISTS (
               SELECT FROM incentives_exposure AS drawn
                WHERE drawn.hold_out_id = trial.id
                  AND drawn.member_id = fresh.member_id AND drawn.arm = 'treated')
    ) OR EXISTS (
        SELECT FROM fresh
          JOIN incentives_pointrule AS version ON version.family = fresh.family
          JOIN incentives_campaignrule AS of ON of.rule_id = version.id
         WHERE fresh.points > 0 AND NOT EXISTS (
               SELECT FROM incentives_campaignmember AS reached
                WHERE reached.campaign_id = of.campaign_id
                  AND reached.member_id = fresh.member_id)
    ) THEN
        RAISE EXCEPTION 'held_out_never_receives: an award'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER held_out_never_receives AFTER INSERT ON incentives_award
REFERENCING NEW TABLE AS fresh
FOR EACH STATEMENT EXECUTE FUNCTION incentives_awarded_is_not_held_out();
"""
HELD_OUT_NEVER_RECEIVES_BACK = """
DROP TRIGGER held_out_never_receives ON incentives_award;
DROP FUNCTION incentives_awarded_is_not_held_out();
DROP TRIGGER held_out_never_receives ON incentives_campaignmember;
DROP FUNCTION incentives_reached_is_not_held_out();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0045_strategy_journal"),
        ("incentives", "0008_shop"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="award",
            name="outcome",
            field=models.CharField(
                choices=[
                    ("paid", "Paid"),
                    ("not_yet", "Counted, paid later"),
                    ("capped", "Over the limit"),
                    ("resting", "In the pause after a payment"),
                    ("no_budget", "No budget left"),
                    ("held_out", "Not paid: held out, or not of the campaign"),
                ],
                db_default="paid",
                default="paid",
                max_length=9,
                verbose_name="outcome",
            ),
        ),
        migrations.CreateModel(
            name="Campaign",
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
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "goal",
                    models.TextField(
                        help_text="What shall be different afterwards, and for whom.",
                        verbose_name="goal",
                    ),
                ),
                (
                    "audience",
                    models.CharField(
                        choices=[
                            ("everyone", "Every member"),
                            ("newcomers", "Who joined in the last days"),
                            ("quiet", "Who was not here in the last days"),
                            ("plan", "Who holds a plan"),
                            ("space", "Members of a space"),
                        ],
                        max_length=10,
                        verbose_name="for whom",
                    ),
                ),
                (
                    "days",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="For newcomers and the quiet: in how many days.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(365),
                        ],
                        verbose_name="days",
                    ),
                ),
                (
                    "plan",
                    models.CharField(
                        blank=True,
                        help_text="Its key, such as “membership” or “tier:gold”.",
                        max_length=60,
                        verbose_name="plan",
                    ),
                ),
                (
                    "title",
                    models.CharField(
                        blank=True,
                        help_text="Told to each member once. Empty: no message.",
                        max_length=120,
                        verbose_name="title of the message",
                    ),
                ),
                (
                    "title_zh",
                    models.CharField(
                        blank=True,
                        max_length=120,
                        verbose_name="title of the message in Chinese",
                    ),
                ),
                ("text", models.TextField(blank=True, verbose_name="message")),
                (
                    "text_zh",
                    models.TextField(blank=True, verbose_name="message in Chinese"),
                ),
                (
                    "points",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="Given once.",
                        verbose_name="points for each member",
                    ),
                ),
                (
                    "starts_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="starts at"
                    ),
                ),
                ("ends_at", models.DateTimeField(verbose_name="ends at")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("waiting", "Waits for a second person"),
                            ("ready", "Ready to start"),
                            ("running", "Running"),
                            ("ended", "Ended"),
                        ],
                        default="draft",
                        editable=False,
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                (
                    "needs_second",
                    models.BooleanField(
                        default=False,
                        editable=False,
                        verbose_name="needs a second person",
                    ),
                ),
                (
                    "started_at",
                    models.DateTimeField(
                        editable=False, null=True, verbose_name="started at"
                    ),
                ),
                (
                    "ended_at",
                    models.DateTimeField(
                        editable=False, null=True, verbose_name="ended at"
                    ),
                ),
                (
                    "approved_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="campaigns_approved",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="approved by",
                    ),
                ),
                (
                    "budget",
                    models.ForeignKey(
                        blank=True,
                        help_text="What its points are paid from; more is never given.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="campaigns",
                        to="incentives.budget",
                        verbose_name="budget",
                    ),
                ),
                (
                    "space",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.space",
                        verbose_name="space",
                    ),
                ),
                (
                    "submitted_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="campaigns_submitted",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="handed in by",
                    ),
                ),
            ],
            options={
                "verbose_name": "incentive campaign",
                "verbose_name_plural": "incentive campaigns",
                "ordering": ["-starts_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="CampaignRule",
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
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="campaign_rules",
                        to="incentives.campaign",
                        verbose_name="campaign",
                    ),
                ),
                (
                    "rule",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="campaign_rule",
                        to="incentives.pointrule",
                        verbose_name="point rule",
                    ),
                ),
            ],
            options={
                "verbose_name": "point rule of a campaign",
                "verbose_name_plural": "point rules of a campaign",
            },
        ),
        migrations.AddField(
            model_name="campaign",
            name="rules",
            field=models.ManyToManyField(
                related_name="campaigns",
                through="incentives.CampaignRule",
                to="incentives.pointrule",
                verbose_name="point rules",
            ),
        ),
        migrations.CreateModel(
            name="HoldOut",
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
                (
                    "percent",
                    models.PositiveSmallIntegerField(
                        default=10,
                        help_text="Of the eligible members, by chance.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(50),
                        ],
                        verbose_name="per cent held out",
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("active_days", "Active days in the next 28 days"),
                            (
                                "days_taking_part",
                                "Days taking part in the next 28 days",
                            ),
                            (
                                "paid",
                                "Share of those who pay something in the next 28 days",
                            ),
                        ],
                        default="active_days",
                        max_length=20,
                        verbose_name="what is measured",
                    ),
                ),
                (
                    "smallest_effect",
                    models.FloatField(
                        default=1.0,
                        help_text="In days, or for who pays as a share: 0.02 is two in a hundred.",
                        validators=[django.core.validators.MinValueValidator(0.001)],
                        verbose_name="smallest effect that matters",
                    ),
                ),
                (
                    "until",
                    models.DateField(
                        help_text="It is decided 28 days after this day, and not before.",
                        verbose_name="members are counted in until",
                    ),
                ),
                (
                    "salt",
                    models.CharField(
                        default=incentives.models.holdouts.new_salt,
                        editable=False,
                        max_length=64,
                        verbose_name="secret",
                    ),
                ),
                (
                    "started_at",
                    models.DateTimeField(
                        editable=False, null=True, verbose_name="started at"
                    ),
                ),
                (
                    "ended_at",
                    models.DateTimeField(
                        editable=False, null=True, verbose_name="ended at"
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="hold_outs",
                        to="incentives.campaign",
                        verbose_name="campaign",
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="hold_outs",
                        to="incentives.pointrule",
                        verbose_name="point rule",
                    ),
                ),
            ],
            options={
                "verbose_name": "trial with a group held out",
                "verbose_name_plural": "trials with a group held out",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="Exposure",
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
                (
                    "arm",
                    models.CharField(
                        choices=[("treated", "receives it"), ("held_out", "held out")],
                        max_length=8,
                        verbose_name="group",
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="at"
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exposures",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="member",
                    ),
                ),
                (
                    "hold_out",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exposures",
                        to="incentives.holdout",
                        verbose_name="trial with a group held out",
                    ),
                ),
            ],
            options={
                "verbose_name": "group of a member",
                "verbose_name_plural": "groups of members",
            },
        ),
        migrations.CreateModel(
            name="CampaignMember",
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
                ("points", models.PositiveIntegerField(verbose_name="points")),
                (
                    "at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="at"
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="members",
                        to="incentives.campaign",
                        verbose_name="campaign",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="campaigns",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="member",
                    ),
                ),
            ],
            options={
                "verbose_name": "member reached by a campaign",
                "verbose_name_plural": "members reached by campaigns",
                "ordering": ["-at", "-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("campaign", "member"), name="campaign_reaches_once"
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                name="incentive_campaign_ends_after_it_starts",
                violation_error_message="The end lies before the beginning.",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("audience__in", ["newcomers", "quiet"]), _negated=True),
                    models.Q(("days__gte", 1), ("days__isnull", False)),
                    _connector="OR",
                ),
                name="campaign_in_how_many_days",
                violation_error_message="Say in how many days.",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("audience", "space"), _negated=True),
                    ("space__isnull", False),
                    _connector="OR",
                ),
                name="campaign_in_which_space",
                violation_error_message="Say which space.",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("audience", "plan"), _negated=True),
                    models.Q(("plan", ""), _negated=True),
                    _connector="OR",
                ),
                name="campaign_for_which_plan",
                violation_error_message="Say which plan.",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("points", 0), ("budget__isnull", False), _connector="OR"
                ),
                name="campaign_points_have_a_budget",
                violation_error_message="Say from which budget the points come.",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state", "draft"), ("submitted_by__isnull", False), _connector="OR"
                ),
                name="campaign_handed_in_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["draft", "waiting"]),
                    ("needs_second", False),
                    ("approved_by__isnull", False),
                    _connector="OR",
                ),
                name="campaign_approved_above_a_sum",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("approved_by", None),
                    models.Q(("approved_by", models.F("submitted_by")), _negated=True),
                    _connector="OR",
                ),
                name="campaign_approved_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("started_at__isnull", False),
                        ("state__in", ["running", "ended"]),
                    ),
                    models.Q(
                        ("started_at", None),
                        ("state__in", ["draft", "waiting", "ready"]),
                    ),
                    _connector="OR",
                ),
                name="campaign_started_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", False), ("state", "ended")),
                    models.Q(
                        models.Q(("state", "ended"), _negated=True), ("ended_at", None)
                    ),
                    _connector="OR",
                ),
                name="campaign_ended_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="holdout",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("campaign__isnull", False), ("rule", None)),
                    models.Q(("campaign", None), ("rule__isnull", False)),
                    _connector="OR",
                ),
                name="hold_out_of_one_thing",
                violation_error_message="Choose a rule or a campaign, one of them.",
            ),
        ),
        migrations.AddConstraint(
            model_name="holdout",
            constraint=models.CheckConstraint(
                condition=models.Q(("percent__gte", 1), ("percent__lte", 50)),
                name="hold_out_at_most_half",
                violation_error_message="Between one and fifty per cent.",
            ),
        ),
        migrations.AddConstraint(
            model_name="holdout",
            constraint=models.CheckConstraint(
                condition=models.Q(("smallest_effect__gt", 0)),
                name="hold_out_looks_for_something",
                violation_error_message="Name an effect above zero.",
            ),
        ),
        migrations.AddConstraint(
            model_name="holdout",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("rule",),
                name="hold_out_once_a_rule",
                violation_error_message="There is one that has not ended.",
            ),
        ),
        migrations.AddConstraint(
            model_name="holdout",
            constraint=models.UniqueConstraint(
                fields=("campaign",),
                name="hold_out_once_a_campaign",
                violation_error_message="There is one already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="holdout",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_at", None),
                    models.Q(
                        ("ended_at__gte", models.F("started_at")),
                        ("started_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="hold_out_ends_after_it_starts",
            ),
        ),
        migrations.AddConstraint(
            model_name="exposure",
            constraint=models.UniqueConstraint(
                fields=("hold_out", "member"), name="exposure_once_a_member"
            ),
        ),
        migrations.RunSQL(EXPOSURE_IS_KEPT, EXPOSURE_IS_KEPT_BACK),
        migrations.RunSQL(TERMS_STAND, TERMS_STAND_BACK),
        migrations.RunSQL(CAMPAIGN_GOES_ITS_WAY, CAMPAIGN_GOES_ITS_WAY_BACK),
        migrations.RunSQL(HELD_OUT_NEVER_RECEIVES, HELD_OUT_NEVER_RECEIVES_BACK),
    ]
