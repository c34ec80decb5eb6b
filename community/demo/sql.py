"""The SQL between the staging tables of the demo and the tables of the product."""

STAGING = """
CREATE TEMP TABLE demo_lesson (idx int, id bigint, item_id bigint, space_id bigint);
CREATE TEMP TABLE demo_course (idx int, id bigint, space_id bigint);
CREATE TEMP TABLE demo_plan (id bigint, title text, price int);
CREATE TEMP TABLE demo_member (
    id bigint, name text, language text, joined_at timestamptz, left_at timestamptz,
    space_id bigint, responds int, base double precision, password text);
CREATE TEMP TABLE demo_deed (at timestamptz, member_id bigint, deed int, what int);
CREATE TEMP TABLE demo_like (post_id bigint, member_id bigint, at timestamptz);
CREATE TEMP TABLE demo_order (
    id bigint, member_id bigint, at timestamptz, payment_id bigint, run int,
    subscription_id bigint);
CREATE TEMP TABLE demo_link (idx int, id bigint, channel_id bigint);
CREATE TEMP TABLE demo_tag (space_id bigint, tag_id bigint);
CREATE TEMP TABLE demo_truth (
    member_id bigint, responds int, space_id bigint, base double precision);
"""

EMPTY_STAGING = "TRUNCATE demo_member, demo_deed, demo_like, demo_order"

# Of the deeds' numbers see simulator.Deed: 0 visit, 1 view, 2 done, 3 enrol, 6 pay.
BLOCK = """
ANALYZE demo_member, demo_deed, demo_like, content_topic, content_post;

INSERT INTO accounts_user (
    id, password, is_superuser, username, name, about, avatar, language, time_zone,
    roles, experience, level, is_applicant, is_staff, is_active, date_joined)
SELECT id, password, false, 'member-' || id, name, '', '', language, '',
       '{member}', '', 0, false, false, true, joined_at
  FROM demo_member;

INSERT INTO demo_truth SELECT id, responds, space_id, base FROM demo_member;

INSERT INTO accounts_spacemember (space_id, member_id, joined_at, left_at)
SELECT space_id, id, joined_at, left_at FROM demo_member;

-- Three in twenty do not want to be profiled.
INSERT INTO accounts_consent (member_id, purpose, version, given_at)
SELECT id, purpose, 1, joined_at
  FROM demo_member, unnest(ARRAY['terms', 'privacy', 'profiling']) AS purpose
 WHERE purpose <> 'profiling' OR id % 20 >= 3;

-- Two in three came by one of the six links, the others by themselves.
INSERT INTO accounts_origin (
    member_id, first_link_id, first_at, last_link_id, last_at, channel_id)
SELECT member.id, link.id, member.joined_at, link.id, member.joined_at,
       coalesce(link.channel_id, direct.id)
  FROM demo_member AS member
  JOIN accounts_channel AS direct ON direct.kind = 'direct'
  LEFT JOIN demo_link AS link ON link.idx = member.id % 9;

-- Two in three said what they look for: some of what the space they joined is about.
INSERT INTO accounts_interest (member_id, tag_id, declared_at)
SELECT member.id, tag.tag_id, member.joined_at
  FROM demo_member AS member JOIN demo_tag AS tag USING (space_id)
 WHERE member.id % 3 > 0 AND (member.id + tag.tag_id) % 3 = 0;

INSERT INTO content_enrolment (item_id, member_id, started_at, last_at, done_at)
SELECT course.id, begun.member_id, begun.at, coalesce(done.last_at, begun.at),
       CASE WHEN done.number = total.number THEN done.last_at END
  FROM demo_deed AS begun
  JOIN demo_course AS course ON course.idx = begun.what
  JOIN (SELECT item_id, count(*) AS number FROM demo_lesson GROUP BY item_id) AS total
    ON total.item_id = course.id
  LEFT JOIN (SELECT deed.member_id, lesson.item_id, max(deed.at) AS last_at,
                    count(*) AS number
               FROM demo_deed AS deed
               JOIN demo_lesson AS lesson ON lesson.idx = deed.what
              WHERE deed.deed = 2 GROUP BY 1, 2) AS done
    ON done.member_id = begun.member_id AND done.item_id = course.id
 WHERE begun.deed = 3;

INSERT INTO content_lessonprogress (lesson_id, member_id, seconds, done_at)
SELECT lesson.id, deed.member_id, 0, min(deed.at) FILTER (WHERE deed.deed = 2)
  FROM demo_deed AS deed JOIN demo_lesson AS lesson ON lesson.idx = deed.what
 WHERE deed.deed IN (1, 2) GROUP BY 1, 2;

-- Money: one order, payment, receipt and entitlement for each month paid; months
-- without a gap of more than a week are one plan that renews.
INSERT INTO demo_order
SELECT nextval(pg_get_serial_sequence('accounts_order', 'id')), member_id, at,
       nextval(pg_get_serial_sequence('accounts_payment', 'id')),
       count(*) FILTER (WHERE gap) OVER (PARTITION BY member_id ORDER BY at),
       NULL
  FROM (SELECT member_id, at,
               at - lag(at) OVER (PARTITION BY member_id ORDER BY at)
                   > interval '37 days' AS gap
          FROM demo_deed WHERE deed = 6) AS deed
 ORDER BY at;
WITH run AS (
    SELECT member_id, run, min(at) AS began, max(at) + interval '30 days' AS ends,
           nextval(pg_get_serial_sequence('accounts_subscription', 'id')) AS id
      FROM demo_order GROUP BY member_id, run
), numbered AS (
    UPDATE demo_order AS paid SET subscription_id = run.id
      FROM run WHERE (paid.member_id, paid.run) = (run.member_id, run.run)
)
INSERT INTO accounts_subscription (
    id, member_id, offer_id, state, renews, started_at, anchor_at, period_ends_at,
    ended_at, gateway, failed_charges, cancel_reason, cancel_words)
SELECT run.id, run.member_id, plan.id,
       CASE WHEN run.ends > now() THEN 'paying' ELSE 'ended' END, run.ends > now(),
       run.began, run.began, run.ends, CASE WHEN run.ends <= now() THEN run.ends END,
       '', 0, '', ''
  FROM run, demo_plan AS plan;
INSERT INTO accounts_subscriptionphase (
    subscription_id, member_id, offer_id, state, monthly, currency, starts_at, ends_at)
SELECT sub.id, sub.member_id, sub.offer_id, 'paying', plan.price, 'CNY',
       sub.started_at, sub.ended_at
  FROM accounts_subscription AS sub, demo_plan AS plan
 WHERE sub.id IN (SELECT subscription_id FROM demo_order);
INSERT INTO accounts_order (
    id, number, member_id, offer_id, kind, title, price, credit, amount, currency,
    state, subscription_id, period_starts_at, is_reserved, return_to, created_at,
    expires_at, paid_at)
SELECT paid.id, 'DEMO-' || paid.id, paid.member_id, plan.id,
       CASE WHEN first THEN 'purchase' ELSE 'renewal' END, plan.title, plan.price, 0,
       plan.price, 'CNY', 'paid', paid.subscription_id,
       CASE WHEN NOT first THEN paid.at END, false, '', paid.at,
       paid.at + interval '1 day', paid.at
  FROM (SELECT *, row_number() OVER (PARTITION BY member_id, run ORDER BY at) = 1
                  AS first
          FROM demo_order) AS paid, demo_plan AS plan;
INSERT INTO accounts_payment (
    id, order_id, gateway, way, reference, gateway_reference, amount, currency, state,
    fee, refunded, created_at, settled_at)
SELECT paid.payment_id, paid.id, 'test', 'page', 'demo-' || paid.id, '', plan.price,
       'CNY', 'succeeded', plan.price * 6 / 1000, 0, paid.at, paid.at
  FROM demo_order AS paid, demo_plan AS plan;
-- The test gateway knows of them, too: refunds and renewals ask it.
INSERT INTO accounts_testcharge (
    reference, amount, currency, return_path, state, refunds, method)
SELECT 'demo-' || paid.id, plan.price, 'CNY', '/orders/DEMO-' || paid.id || '/',
       'accepted', '{}', 'good'
  FROM demo_order AS paid, demo_plan AS plan;
INSERT INTO accounts_entitlement (
    member_id, what, source, starts_at, ends_at, order_id, reason)
SELECT paid.member_id, 'membership', 'order', paid.at, paid.at + interval '30 days',
       paid.id, plan.title
  FROM demo_order AS paid, demo_plan AS plan;

-- Talk: thanks, counters, and two questions in three with an accepted answer.
INSERT INTO content_postlike (post_id, member_id, created_at)
SELECT liked.post_id, liked.member_id, min(liked.at)
  FROM demo_like AS liked JOIN content_post AS post ON post.id = liked.post_id
 WHERE post.author_id <> liked.member_id GROUP BY 1, 2;
INSERT INTO content_reaction (post_id, member_id, kind, created_at)
SELECT post_id, member_id,
       (ARRAY['agree', 'agree', 'insightful', 'celebrate', 'funny'])[1 + id % 5],
       created_at
  FROM content_postlike WHERE id % 3 = 0
   AND member_id IN (SELECT id FROM demo_member);
ANALYZE content_postlike, content_reaction, content_enrolment;
UPDATE content_post AS post SET like_count = liked.number
  FROM (SELECT post_id, count(*) AS number FROM content_postlike
         WHERE member_id IN (SELECT id FROM demo_member) GROUP BY 1) AS liked
 WHERE liked.post_id = post.id;
UPDATE content_topic AS topic
   SET last_number = posts.number, reply_count = posts.number - 1,
       last_post_at = posts.last_at,
       is_answered = topic.kind = 'question' AND topic.id % 3 > 0
                     AND posts.answer IS NOT NULL
  FROM (SELECT post.topic_id, count(*) AS number, max(post.created_at) AS last_at,
               min(post.id) FILTER (WHERE post.author_id <> topic.author_id) AS answer
          FROM content_post AS post JOIN content_topic AS topic
            ON topic.id = post.topic_id
         WHERE topic.author_id IN (SELECT id FROM demo_member) GROUP BY 1) AS posts
 WHERE posts.topic_id = topic.id;
INSERT INTO content_acceptedanswer (post_id, role, by_id, at)
SELECT DISTINCT ON (topic.id) post.id, 'asker', topic.author_id,
       least(post.created_at + interval '5 hours',
             topic.last_post_at + interval '1 hour')
  FROM content_topic AS topic JOIN content_post AS post ON post.topic_id = topic.id
 WHERE topic.is_answered AND post.author_id <> topic.author_id
   AND topic.author_id IN (SELECT id FROM demo_member)
 ORDER BY topic.id, post.id;
UPDATE content_topic AS topic SET accepted = ARRAY[post.number]
  FROM content_acceptedanswer AS mark JOIN content_post AS post
    ON post.id = mark.post_id
 WHERE post.topic_id = topic.id AND topic.author_id IN (SELECT id FROM demo_member);

INSERT INTO accounts_activity (
    at, member_id, space_id, verb, object_kind, object_id, data)
SELECT deed.at, deed.member_id, member.space_id, 'visited', '', NULL::bigint,
       '{}'::jsonb
  FROM demo_deed AS deed JOIN demo_member AS member ON member.id = deed.member_id
 WHERE deed.deed = 0
UNION ALL
SELECT deed.at, deed.member_id, lesson.space_id,
       CASE deed.deed WHEN 1 THEN 'viewed' ELSE 'lesson_done' END, 'lesson', lesson.id,
       jsonb_build_object('item', lesson.item_id)
  FROM demo_deed AS deed JOIN demo_lesson AS lesson ON lesson.idx = deed.what
 WHERE deed.deed IN (1, 2)
UNION ALL
SELECT deed.at, deed.member_id, course.space_id, 'enrolled', 'item', course.id, '{}'
  FROM demo_deed AS deed JOIN demo_course AS course ON course.idx = deed.what
 WHERE deed.deed = 3
UNION ALL
SELECT done_at, member_id, course.space_id, 'course_done', 'item', item_id, '{}'
  FROM content_enrolment JOIN demo_course AS course ON course.id = item_id
 WHERE done_at IS NOT NULL AND member_id IN (SELECT id FROM demo_member)
UNION ALL
SELECT at, member_id, NULL, 'paid', 'order', id, '{}' FROM demo_order
UNION ALL
SELECT joined_at, id, NULL, 'signed_up', '', NULL, '{}' FROM demo_member
UNION ALL
SELECT post.created_at, post.author_id, topic.space_id,
       CASE post.number WHEN 1 THEN 'topic_started' ELSE 'replied' END,
       CASE post.number WHEN 1 THEN 'topic' ELSE 'post' END,
       CASE post.number WHEN 1 THEN topic.id ELSE post.id END,
       CASE post.number WHEN 1 THEN '{}'
            ELSE jsonb_build_object('topic', topic.id, 'asker', topic.author_id) END
  FROM content_post AS post JOIN content_topic AS topic ON topic.id = post.topic_id
 WHERE post.author_id IN (SELECT id FROM demo_member)
UNION ALL
SELECT mark.at,
       post.author_id, topic.space_id, 'answer_accepted', 'post', post.id,
       jsonb_build_object('topic', topic.id, 'asker', topic.author_id,
                          'by', mark.by_id)
  FROM content_acceptedanswer AS mark JOIN content_post AS post
    ON post.id = mark.post_id JOIN content_topic AS topic ON topic.id = post.topic_id
 WHERE topic.author_id IN (SELECT id FROM demo_member);
"""

AWARDS = """
ANALYZE accounts_activity;
CREATE TEMP TABLE demo_award AS
SELECT DISTINCT ON (activity.member_id, rule.id, activity.object_kind,
                    activity.object_id)
       rule.id AS rule_id, activity.member_id, activity.id AS activity_id,
       activity.object_kind, activity.object_id, rule.points, activity.at,
       rule.family, activity.at AS counts_from
  FROM accounts_activity AS activity
  JOIN incentives_pointrule AS rule ON rule.verb = activity.verb
 WHERE activity.at >= rule.since
 ORDER BY activity.member_id, rule.id, activity.object_kind, activity.object_id,
          activity.at, activity.id;
INSERT INTO incentives_award (
    rule_id, member_id, activity_id, object_kind, object_id, points, awarded_at,
    family, counts_from)
SELECT * FROM demo_award ORDER BY at, activity_id;
"""


# One post after another would turn over the house's few accounts a million times in
# one transaction. `ledger.check` proves afterwards that the result is the same.
LEDGER = """
ALTER TABLE accounts_entry DISABLE TRIGGER transfer_sums_to_zero;
CREATE TEMP TABLE demo_line AS
SELECT 'payment:' || payment.id AS key, payment.currency AS unit, 'payment' AS cause,
       'order' AS object_kind, payment.order_id AS object_id, payment.settled_at AS at,
       payment.id % 64 AS shard, side.kind, -1::bigint AS member_id,
       side.sign * payment.amount::bigint AS amount
  FROM accounts_payment AS payment,
       (VALUES ('gateway test', 1), ('revenue', -1)) AS side (kind, sign)
UNION ALL
SELECT 'fee:' || payment.id, payment.currency, 'fee', 'order', payment.order_id,
       payment.settled_at, payment.id % 64, side.kind, -1, side.sign * payment.fee
  FROM accounts_payment AS payment,
       (VALUES ('gateway test', -1), ('fees test', 1)) AS side (kind, sign)
 WHERE payment.fee > 0
UNION ALL
SELECT 'award:' || award.id, 'points', 'earned', 'award', award.id, award.awarded_at,
       CASE side.sign WHEN 1 THEN 0 ELSE award.id % 64 END, side.kind,
       CASE side.sign WHEN 1 THEN award.member_id ELSE -1 END,
       side.sign * award.points::bigint
  FROM incentives_award AS award,
       (VALUES ('points', 1), ('points issued', -1)) AS side (kind, sign);
INSERT INTO accounts_transfer (
    key, unit, cause, object_kind, object_id, fingerprint, at)
SELECT key, unit, cause, object_kind, object_id, md5(key), at
  FROM demo_line WHERE amount > 0 ORDER BY at, key;
INSERT INTO accounts_ledgeraccount (kind, unit, member_id, shard, balance, floor)
SELECT kind, unit, nullif(member_id, -1), shard, sum(amount),
       CASE WHEN member_id <> -1 THEN 0 END
  FROM demo_line GROUP BY kind, unit, member_id, shard;
ANALYZE demo_line, accounts_transfer, accounts_ledgeraccount;
INSERT INTO accounts_entry (transfer_id, account_id, amount, balance_after)
SELECT transfer.id, account.id, line.amount,
       sum(line.amount) OVER (PARTITION BY account.id ORDER BY transfer.id)
  FROM demo_line AS line
  JOIN accounts_transfer AS transfer ON transfer.key = line.key
  JOIN accounts_ledgeraccount AS account
    ON account.kind = line.kind AND account.unit = line.unit
   AND coalesce(account.member_id, -1) = line.member_id
   AND account.shard = line.shard
 ORDER BY transfer.id;
SET CONSTRAINTS ALL IMMEDIATE;  -- the keys are checked now, or nothing may be altered
ALTER TABLE accounts_entry ENABLE TRIGGER transfer_sums_to_zero;
SET CONSTRAINTS ALL DEFERRED;
"""

# Of those who followed a link, one in six joined.
VISITS = """
INSERT INTO accounts_linkday (link_id, day, visits)
SELECT first_link_id, (first_at AT TIME ZONE 'UTC')::date, count(*) * 6
  FROM accounts_origin WHERE first_link_id IS NOT NULL GROUP BY 1, 2;
"""

PAPERS = """
INSERT INTO accounts_receipt (
    kind, year, number, order_id, amount, currency, issued_at)
SELECT 'receipt', year, row_number() OVER (PARTITION BY year ORDER BY paid_at, id),
       id, amount, currency, paid_at
  FROM (SELECT *, extract(year FROM paid_at) AS year FROM accounts_order) AS bought
 WHERE state = 'paid' AND amount > 0;
INSERT INTO accounts_receiptseries (year, last)
SELECT year, max(number) FROM accounts_receipt GROUP BY year;
"""

# The tables whose rows got their numbers from us.
CONTINUE_NUMBERS = """
SELECT setval(pg_get_serial_sequence('accounts_user', 'id'), max(id))
  FROM accounts_user;
SELECT setval(pg_get_serial_sequence('content_topic', 'id'), max(id))
  FROM content_topic;
SELECT setval(pg_get_serial_sequence('content_post', 'id'), max(id))
  FROM content_post;
"""
