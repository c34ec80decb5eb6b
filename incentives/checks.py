"""What must agree between the grants, budgets and coupons here and the ledger below."""

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
    "coupons whose count is not that of their uses": """
        SELECT c.id FROM incentives_coupon c
        LEFT JOIN incentives_couponuse u ON u.coupon_id = c.id
            AND u.of_id IS NULL AND u.state IN ('reserved', 'used')
        GROUP BY c.id HAVING c.taken <> count(u.id)""",
    "orders whose points are not in the ledger": """
        SELECT p.id FROM incentives_pointspaid p
        LEFT JOIN accounts_transfer t
            ON t.object_kind = 'order' AND t.object_id = p.order_id
            AND t.unit = 'points'
        LEFT JOIN accounts_entry e ON e.transfer_id = t.id
        LEFT JOIN accounts_ledgeraccount a ON a.id = e.account_id
        GROUP BY p.id HAVING
            coalesce(sum(e.amount) FILTER (WHERE a.member_id IS NOT NULL), 0)
            <> CASE WHEN p.state = 'returned' THEN 0
               ELSE p.given_back - p.points END""",
}
