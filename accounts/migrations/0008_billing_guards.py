"""What the database itself refuses: impossible moves of an order, changed notices.

And creators' accounts may fall below zero: a refund can come after the payout.
"""

from django.db import migrations

ORDER_MOVES = """
CREATE FUNCTION accounts_order_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
        ('open', 'paid'), ('open', 'expired'), ('expired', 'paid'),
        ('paid', 'refunded'), ('paid', 'charged_back')
    ) THEN
        RAISE EXCEPTION 'order % cannot go from % to %',
            OLD.number, OLD.state, NEW.state USING ERRCODE = 'check_violation';
    END IF;
    IF (NEW.amount, NEW.currency, NEW.member_id) IS DISTINCT FROM
       (OLD.amount, OLD.currency, OLD.member_id) THEN
        RAISE EXCEPTION 'order % keeps its price and its buyer', OLD.number
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER order_moves BEFORE UPDATE ON accounts_order
FOR EACH ROW EXECUTE FUNCTION accounts_order_moves();
"""

NOTICE_IS_KEPT = """
CREATE FUNCTION accounts_notice_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.gateway, NEW.notice_id, NEW.body, NEW.received_at) IS DISTINCT FROM
       (OLD.gateway, OLD.notice_id, OLD.body, OLD.received_at) THEN
        RAISE EXCEPTION 'a notice stays as it came'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER notice_is_kept BEFORE UPDATE ON accounts_notice
FOR EACH ROW EXECUTE FUNCTION accounts_notice_is_kept();
"""

# Only `payable` has no floor; the rest is as in 0005.
ACCOUNT = """
CREATE OR REPLACE FUNCTION accounts_ledger_account(
    p_kind text, p_unit text, p_member bigint, p_shard smallint
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_id bigint;
BEGIN
    LOOP
        IF p_member IS NULL THEN
            SELECT id INTO v_id FROM accounts_ledgeraccount
            WHERE kind = p_kind AND unit = p_unit AND shard = p_shard
                AND member_id IS NULL;
        ELSE
            SELECT id INTO v_id FROM accounts_ledgeraccount
            WHERE member_id = p_member AND kind = p_kind AND unit = p_unit;
        END IF;
        EXIT WHEN v_id IS NOT NULL;
        INSERT INTO accounts_ledgeraccount
            (kind, unit, member_id, shard, balance, floor)
        VALUES (p_kind, p_unit, p_member,
            CASE WHEN p_member IS NULL THEN p_shard ELSE 0 END, 0,
            CASE WHEN p_member IS NULL OR p_kind = 'payable' THEN NULL ELSE 0 END)
        ON CONFLICT DO NOTHING;
    END LOOP;
    RETURN v_id;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_billing_breadth")]

    operations = [
        migrations.RunSQL(
            ORDER_MOVES,
            "DROP TRIGGER order_moves ON accounts_order;"
            "DROP FUNCTION accounts_order_moves()",
        ),
        migrations.RunSQL(
            NOTICE_IS_KEPT,
            "DROP TRIGGER notice_is_kept ON accounts_notice;"
            "DROP FUNCTION accounts_notice_is_kept()",
        ),
        migrations.RunSQL(ACCOUNT, migrations.RunSQL.noop),
    ]
