"""What must agree between the grants and budgets here and the ledger below."""

CHECKS = {
    "members whose waiting grants are not what waits in the ledger": """
        SELECT coalesce(g.member_id, a.member_id) FROM (
            SELECT member_id, sum(pending) AS pending FROM incentives_grant
            WHERE pending > 0 GROUP BY member_id) g
        FULL JOIN (
            SELECT member_id, balance FROM accounts_ledgeraccount
            WHERE kind = 'points pending' AND balance <> 0) a USING (member_id)
        WHERE g.pending IS DISTINCT FROM a.balance""",
    "grants that are not in the ledger": """
        SELECT g.id FROM incentives_grant g WHERE NOT EXISTS
        (SELECT FROM accounts_transfer t WHERE t.key = g.key)""",
    "grants whose reversals do not sum to what was taken back": """
        SELECT g.id FROM incentives_grant g
        LEFT JOIN incentives_reversal r ON r.grant_id = g.id
        GROUP BY g.id
        HAVING g.reversed <> coalesce(sum(r.taken + r.short), 0)""",
    "budgets that hold less than nothing, or more than was put in": """
        SELECT p.id FROM incentives_budgetperiod p
        LEFT JOIN accounts_ledgeraccount a ON a.kind = p.kind
        GROUP BY p.id HAVING coalesce(sum(a.balance), 0) NOT BETWEEN 0 AND p.funded""",
}
