"""What makes the ledger a ledger: one posting function, two guards.

Posting is one statement to the server instead of seven: an order of magnitude
faster than saving rows one by one, and nobody can post half of it.
"""

from django.db import migrations

POST = """
CREATE FUNCTION accounts_ledger_post(
    p_key text, p_unit text, p_cause text, p_object_kind text, p_object_id bigint,
    p_at timestamptz, p_kinds text[], p_members bigint[], p_amounts bigint[]
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_transfer bigint;
    v_known text;
    v_shard smallint := abs(hashtext(p_key)::bigint) % 64;
    v_print text := md5(concat_ws('|', p_unit, p_kinds, p_members, p_amounts));
BEGIN
    INSERT INTO accounts_transfer
        (key, unit, cause, object_kind, object_id, fingerprint, at)
    VALUES (p_key, p_unit, p_cause, p_object_kind, p_object_id, v_print, p_at)
    ON CONFLICT (key) DO NOTHING
    RETURNING id INTO v_transfer;

    IF v_transfer IS NULL THEN
        SELECT id, fingerprint INTO v_transfer, v_known
        FROM accounts_transfer WHERE key = p_key;
        IF v_known <> v_print THEN
            RAISE EXCEPTION 'ledger key % was posted with other lines', p_key
                USING ERRCODE = 'ZQ001';
        END IF;
        RETURN v_transfer;
    END IF;

    -- Accounts are made on first use; asking first spares the usual case a write.
    INSERT INTO accounts_ledgeraccount (kind, unit, member_id, shard, balance, floor)
    SELECT DISTINCT l.kind, p_unit, l.member,
        CASE WHEN l.member IS NULL THEN v_shard ELSE 0 END, 0,
        CASE WHEN l.member IS NULL THEN NULL ELSE 0 END
    FROM unnest(p_kinds, p_members) AS l(kind, member)
    WHERE NOT EXISTS (
        SELECT FROM accounts_ledgeraccount a
        WHERE a.kind = l.kind AND a.unit = p_unit
            AND ((a.member_id = l.member)
                 OR (l.member IS NULL AND a.member_id IS NULL AND a.shard = v_shard))
    )
    ON CONFLICT DO NOTHING;

    -- Locked in one order by everybody, so that no two wait for each other.
    PERFORM FROM accounts_ledgeraccount a
    WHERE a.unit = p_unit AND a.id IN (
        SELECT a2.id FROM unnest(p_kinds, p_members) AS l(kind, member)
        JOIN accounts_ledgeraccount a2 ON a2.kind = l.kind AND a2.unit = p_unit
            AND ((a2.member_id = l.member)
                 OR (l.member IS NULL AND a2.member_id IS NULL AND a2.shard = v_shard))
    )
    ORDER BY a.id FOR UPDATE;

    WITH moved AS (
        UPDATE accounts_ledgeraccount a SET balance = a.balance + l.amount
        FROM (
            SELECT kind, member, sum(amount)::bigint AS amount
            FROM unnest(p_kinds, p_members, p_amounts) AS t(kind, member, amount)
            GROUP BY kind, member
        ) l
        WHERE a.kind = l.kind AND a.unit = p_unit
            AND ((a.member_id = l.member)
                 OR (l.member IS NULL AND a.member_id IS NULL AND a.shard = v_shard))
        RETURNING a.id, l.amount, a.balance
    )
    INSERT INTO accounts_entry (transfer_id, account_id, amount, balance_after)
    SELECT v_transfer, id, amount, balance FROM moved;
    RETURN v_transfer;
END $$;
"""

ZERO_SUM = """
CREATE FUNCTION accounts_transfer_sums_to_zero() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT sum(amount) FROM accounts_entry
        WHERE transfer_id = NEW.transfer_id) <> 0 THEN
        RAISE EXCEPTION 'transfer % does not sum to zero', NEW.transfer_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER transfer_sums_to_zero
AFTER INSERT ON accounts_entry DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION accounts_transfer_sums_to_zero();
"""

IMMUTABLE = """
CREATE FUNCTION accounts_ledger_is_kept() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is never changed, only added to'
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER entry_is_kept BEFORE UPDATE OR DELETE ON accounts_entry
FOR EACH ROW EXECUTE FUNCTION accounts_ledger_is_kept();
CREATE TRIGGER transfer_is_kept BEFORE UPDATE OR DELETE ON accounts_transfer
FOR EACH ROW EXECUTE FUNCTION accounts_ledger_is_kept();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_ledger_and_billing")]

    operations = [
        migrations.RunSQL(
            POST,
            "DROP FUNCTION accounts_ledger_post("
            "text, text, text, text, bigint, timestamptz, text[], bigint[], bigint[])",
        ),
        migrations.RunSQL(
            ZERO_SUM,
            "DROP TRIGGER transfer_sums_to_zero ON accounts_entry;"
            "DROP FUNCTION accounts_transfer_sums_to_zero()",
        ),
        migrations.RunSQL(
            IMMUTABLE,
            "DROP TRIGGER entry_is_kept ON accounts_entry;"
            "DROP TRIGGER transfer_is_kept ON accounts_transfer;"
            "DROP FUNCTION accounts_ledger_is_kept()",
        ),
    ]
