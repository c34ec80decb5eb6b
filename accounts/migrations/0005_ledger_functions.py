"""What makes the ledger a ledger: one posting function, two guards.

Posting is one statement to the server instead of seven: an order of magnitude
faster than saving rows one by one, and nobody can post half of it.
"""

from django.db import migrations

# An account is made on first use. Each branch asks by one index: with both in one
# condition, every post would read all accounts.
ACCOUNT = """
CREATE FUNCTION accounts_ledger_account(
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
            CASE WHEN p_member IS NULL THEN NULL ELSE 0 END)
        ON CONFLICT DO NOTHING;
    END LOOP;
    RETURN v_id;
END $$;
"""

POST = """
CREATE FUNCTION accounts_ledger_post(
    p_key text, p_unit text, p_cause text, p_object_kind text, p_object_id bigint,
    p_at timestamptz, p_kinds text[], p_members bigint[], p_amounts bigint[]
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_transfer bigint;
    v_known text;
    v_accounts bigint[] := '{}';
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

    FOR i IN 1 .. array_length(p_kinds, 1) LOOP
        v_accounts := v_accounts
            || accounts_ledger_account(p_kinds[i], p_unit, p_members[i], v_shard);
    END LOOP;

    -- Locked in one order by everybody, so that no two wait for each other.
    PERFORM FROM accounts_ledgeraccount
    WHERE id = ANY (v_accounts) ORDER BY id FOR UPDATE;

    WITH moved AS (
        UPDATE accounts_ledgeraccount a SET balance = a.balance + l.amount
        FROM (
            SELECT account, sum(amount)::bigint AS amount
            FROM unnest(v_accounts, p_amounts) AS t(account, amount)
            GROUP BY account
        ) l
        WHERE a.id = l.account
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
            ACCOUNT,
            "DROP FUNCTION accounts_ledger_account(text, text, bigint, smallint)",
        ),
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
