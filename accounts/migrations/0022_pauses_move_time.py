from django.db import migrations, models

# A pause used to remember how much time was left; now that time itself is moved
# behind the pause, each piece with its own order.
MOVE = """
INSERT INTO accounts_entitlement (
    member_id, what, source, starts_at, ends_at, order_id, reason)
SELECT paused.member_id, offer.what,
       CASE WHEN bought.id IS NULL THEN 'staff' ELSE 'resumed' END,
       paused.paused_until, paused.paused_until + paused.paused_for, bought.id,
       offer.title
  FROM accounts_subscription AS paused
  JOIN accounts_offer AS offer ON offer.id = paused.offer_id
  LEFT JOIN LATERAL (
       SELECT id FROM accounts_order
        WHERE subscription_id = paused.id AND state = 'paid'
        ORDER BY created_at DESC LIMIT 1) AS bought ON true
 WHERE paused.state = 'paused' AND paused.paused_for > interval '0';
UPDATE accounts_subscription
   SET period_ends_at = paused_until + greatest(paused_for, interval '0'),
       anchor_at = paused_until + greatest(paused_for, interval '0')
 WHERE state = 'paused';
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0021_levels_and_fields")]
    operations = [
        migrations.RemoveConstraint(
            model_name="subscription", name="subscription_paused_has_its_rest"
        ),
        migrations.RunSQL(MOVE, migrations.RunSQL.noop),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.RemoveField(model_name="subscription", name="paused_for"),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=models.CheckConstraint(
                condition=models.Q(state="paused", paused_until__isnull=False)
                | (~models.Q(state="paused") & models.Q(paused_until=None)),
                name="subscription_paused_until_when",
            ),
        ),
    ]
