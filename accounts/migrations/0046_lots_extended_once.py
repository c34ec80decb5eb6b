"""Points that were extended once, taken and given back again are not extended again:
else whoever holds them for an order that is never paid has them for ever."""

from importlib import import_module

from django.db import migrations

BEFORE = import_module("accounts.migrations.0042_lots_and_budgets").GIVE_BACK.replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)

# As before, but for `is_extended`: the date that the lot had when it was taken came of
# an earlier giving back.
GIVE_BACK = """
CREATE OR REPLACE FUNCTION accounts_ledger_give_back(
    p_transfer bigint, p_undone bigint, p_at timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_account record;
    v_back bigint;
    v_kept bigint;
    v_lot record;
    v_more bigint;
    v_all bigint;
BEGIN
    FOR v_account IN
        SELECT a.id, -taken.amount AS taken
        FROM accounts_entry taken
        JOIN accounts_ledgeraccount a ON a.id = taken.account_id
        WHERE taken.transfer_id = p_undone AND taken.amount < 0
            AND a.member_id IS NOT NULL
    LOOP
        SELECT sum(e.amount) INTO v_back
        FROM accounts_entry e JOIN accounts_transfer t ON t.id = e.transfer_id
        WHERE t.undoes_id = p_undone AND e.account_id = v_account.id;
        IF v_back > v_account.taken THEN
            RAISE EXCEPTION 'more comes back than transfer % took', p_undone
                USING ERRCODE = 'ZQ004';
        END IF;
        v_kept := v_account.taken - v_back;
        v_all := 0;
        FOR v_lot IN
            SELECT l.id, -sum(m.amount) AS net,
                -sum(m.amount) FILTER (WHERE m.transfer_id = p_undone) AS used,
                EXISTS (
                    SELECT FROM accounts_lotmove b
                    JOIN accounts_transfer t ON t.id = b.transfer_id
                    WHERE b.lot_id = l.id AND b.id < min(m.id) AND b.amount > 0
                        AND t.undoes_id IS NOT NULL
                        AND t.at + interval '14 days' = l.expires_at
                ) AS is_extended
            FROM accounts_lotmove m JOIN accounts_lot l ON l.id = m.lot_id
            WHERE l.account_id = v_account.id AND (m.transfer_id = p_undone
                OR m.transfer_id IN (
                    SELECT id FROM accounts_transfer WHERE undoes_id = p_undone))
            GROUP BY l.id ORDER BY min(m.id)
        LOOP
            v_more := v_lot.net - least(v_lot.used, v_kept);
            v_kept := greatest(0, v_kept - v_lot.used);
            CONTINUE WHEN v_more <= 0;
            UPDATE accounts_lot SET remaining = remaining + v_more,
                expires_at = CASE WHEN expires_at <= p_at AND NOT v_lot.is_extended
                    THEN p_at + interval '14 days' ELSE expires_at END
            WHERE id = v_lot.id;
            INSERT INTO accounts_lotmove (transfer_id, lot_id, amount)
            VALUES (p_transfer, v_lot.id, v_more);
            v_all := v_all + v_more;
        END LOOP;
        UPDATE accounts_ledgeraccount SET expiring = expiring + v_all
        WHERE id = v_account.id AND v_all > 0;
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0045_strategy_journal")]

    operations = [migrations.RunSQL(GIVE_BACK, BEFORE)]
