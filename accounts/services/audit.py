"""The chain of the staff's acts, with anchors of the ledger in it."""

import functools
import hashlib
import hmac
import json
import logging
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.conf import settings
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection, models, transaction
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils import timezone

from accounts.models import AuditRecord, Payout, PersonalReading, User

logger = logging.getLogger(__name__)

LOCK = 20_130_202  # of our own: whoever holds it adds to the chain
ANCHOR = "ledger anchor"
AT_ONCE = 5000

ADMIN_ACTS = {ADDITION: "added", CHANGE: "changed", DELETION: "deleted"}


@transaction.atomic
def record(
    *,
    act: str,
    actor: User | None = None,
    target: models.Model | None = None,
    reason: str = "",
    **facts: Any,
) -> AuditRecord:
    """Add one act to the chain, in the transaction of the act itself.

    `facts` are numbers and short words, never personal. Acts wait for one another
    from here to their commit, so call it last.
    """
    kind, number = _named(target)
    if (about := _member_of(target)) is not None:
        facts["member"] = about
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    last = AuditRecord.objects.order_by("-number").first()
    new = AuditRecord(
        number=last.number + 1 if last else 1,
        at=timezone.now(),
        actor=actor,
        act=act,
        object_kind=kind,
        object_id=number[:60],
        reason=reason[:300],
        facts=facts,
        previous_hash=last.hash if last else "",
    )
    new.hash = _hash(new)
    new.save()
    return new


def _named(target: models.Model | None) -> tuple[str, str]:
    """Kind and number of the thing; of an entry in the admin's log, what that is of."""
    if target is None:
        return "", ""
    if not isinstance(target, LogEntry):
        return target._meta.label_lower, str(target.pk)
    model = target.content_type.model_class() if target.content_type else None
    return model._meta.label_lower if model else "", str(target.object_id or "")


def _member_of(target: models.Model | None) -> int | None:
    """Whose thing it is, so that a member's history can be told."""
    if isinstance(target, LogEntry):
        target = _edited(target)
    if isinstance(target, User):
        return target.pk
    return getattr(target, "member_id", None)


def _edited(entry: LogEntry) -> models.Model | None:
    try:
        return entry.get_edited_object()
    except (ObjectDoesNotExist, AttributeError):  # it, or its kind, is gone
        return None


def record_admin_act(sender: Any, instance: LogEntry, created: bool, **kw: Any) -> None:
    """Everything that the admin logs of itself goes into the chain, too."""
    if not created:
        return
    words, facts = _said_in(instance.change_message)
    record(
        act=ADMIN_ACTS[instance.action_flag],
        actor=instance.user,
        target=instance,
        reason=words,
        entry=instance.pk,
        **facts,
    )


def _said_in(message: str) -> tuple[str, dict[str, Any]]:
    """Somebody's words; or which fields were changed, without what names a thing, and
    what they said before and after where that is about nobody."""
    if not message.startswith("["):
        return message, {}
    parts = [part for change in json.loads(message) for part in change.values()]
    fields = sorted({name for part in parts for name in part.get("fields", [])})
    values = {name: it for part in parts for name, it in part.get("values", {}).items()}
    facts = {"fields": fields, "changed": values}
    return "", {name: fact for name, fact in facts.items() if fact}


def one_by_one(log_actions: Callable[..., Any]) -> Callable[..., Any]:
    """Many acts at once would be written without a signal for each."""

    @functools.wraps(log_actions)
    @transaction.atomic
    def log(
        manager: Any,
        user_id: int,
        queryset: Iterable[models.Model],
        *args: Any,
        single_object: bool = False,
        **kwargs: Any,
    ) -> Any:
        logged = [
            log_actions(manager, user_id, [it], *args, single_object=True, **kwargs)
            for it in queryset
        ]
        return logged[0] if single_object else logged

    return log


def _hash(it: AuditRecord) -> str:
    told = json.dumps(
        [
            *(it.number, it.at.isoformat(), it.actor_id, it.act),
            *(it.object_kind, it.object_id, it.reason, it.facts, it.previous_hash),
        ],
        sort_keys=True,
        ensure_ascii=False,
    )
    key = (settings.AUDIT_KEY or f"audit key of {settings.SECRET_KEY}").encode()
    return hmac.new(key, told.encode(), hashlib.sha256).hexdigest()


# The ledger ------------------------------------------------------------------------


def anchor_ledger() -> AuditRecord:
    """Put the ledger's lines since the last anchor into the chain."""
    last = AuditRecord.objects.filter(act=ANCHOR).first()
    since = last.facts["until"] if last else 0
    until = _last_settled_entry()
    count, digest = _digest(since, until)
    anchor = record(act=ANCHOR, since=since, until=until, entries=count, digest=digest)
    # Whoever keeps the logs elsewhere has a witness that is not in the database.
    logger.info("Audit anchor %s %s", anchor.number, anchor.hash)
    return anchor


@transaction.atomic
def _last_settled_entry() -> int:
    """The last line; no transaction that is still open can add one before it."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE accounts_entry IN SHARE MODE")
        cursor.execute("SELECT coalesce(max(id), 0) FROM accounts_entry")
        return cursor.fetchone()[0]


def _digest(since: int, until: int) -> tuple[int, str]:
    """How many lines from `since` to `until`, and the fingerprint of all of them."""
    count, told = 0, hashlib.sha256()
    for line in _lines(since, until):
        told.update(line.encode())
        count += 1
    return count, told.hexdigest()


def _lines(since: int, until: int) -> Iterator[str]:
    """Each line with its transfer and account as text, some thousand at a time."""
    with connection.cursor() as cursor:
        while since < until:
            cursor.execute(
                """
                SELECT entry.id, concat_ws('|', entry.id, entry.amount,
                       entry.balance_after, transfer.key, transfer.unit,
                       transfer.cause, transfer.object_kind, transfer.object_id,
                       extract(epoch FROM transfer.at), account.kind,
                       account.member_id, account.shard)
                  FROM accounts_entry AS entry
                  JOIN accounts_transfer AS transfer ON transfer.id = entry.transfer_id
                  JOIN accounts_ledgeraccount AS account
                    ON account.id = entry.account_id
                 WHERE entry.id > %s AND entry.id <= %s
                 ORDER BY entry.id LIMIT %s
                """,
                [since, until, AT_ONCE],
            )
            rows = cursor.fetchall()
            if not rows:
                return
            since = rows[-1][0]
            yield from (text for _, text in rows)


# Proof -----------------------------------------------------------------------------


def head() -> dict[str, Any]:
    """The last record by number and hash, to be noted where the database is not: with
    it `verify` finds a chain that was cut at its end, or made anew."""
    last = AuditRecord.objects.order_by("-number").first()
    return {"number": last.number, "hash": last.hash} if last else {}


def verify(noted: dict[str, Any] | None = None) -> str:
    """What is the first thing wrong, in a sentence; "" when everything fits.

    `noted` is a head of this chain as it was told earlier.
    """
    previous, anchored = None, 0
    for it in AuditRecord.objects.order_by("number").iterator(chunk_size=AT_ONCE):
        if problem := _problem_of(it, previous):
            return problem
        if it.act == ANCHOR:
            if problem := _problem_of_anchor(it, anchored):
                return problem
            anchored = it.facts["until"]
        previous = it
    if previous is None and _has_been_acted():
        return "there is no record at all, though staff have acted"
    return _problem_of_noted(noted) or _problem_of_the_tail()


def _has_been_acted() -> bool:
    traces = LogEntry.objects, PersonalReading.objects, Payout.objects
    return any(rows.exists() for rows in traces)


def _problem_of_noted(noted: dict[str, Any] | None) -> str:
    if not noted or AuditRecord.objects.filter(**noted).exists():
        return ""
    return f"record {noted['number']} is not the one that was noted"


def _problem_of_the_tail() -> str:
    """A cut at the chain's end would fit, but for the admin's own log beside it."""
    told = AuditRecord.objects.filter(facts__has_key="entry")
    first = told.order_by("number").first()
    if first is None:
        return ""
    numbers = told.annotate(
        entry=Cast(KeyTextTransform("entry", "facts"), models.IntegerField())
    )
    lost = (
        LogEntry.objects.filter(pk__gte=first.facts["entry"])
        .exclude(pk__in=numbers.values("entry"))
        .order_by("pk")
        .first()
    )
    return f"the record of the admin's log entry {lost.pk} is missing" if lost else ""


def _problem_of(it: AuditRecord, previous: AuditRecord | None) -> str:
    expected = previous.number + 1 if previous else 1
    if it.number != expected:
        return f"record {expected} is missing"
    if it.previous_hash != (previous.hash if previous else ""):
        return f"record {it.number} does not follow from the one before"
    if not hmac.compare_digest(it.hash, _hash(it)):
        return f"record {it.number} was changed"
    return ""


def _problem_of_anchor(it: AuditRecord, anchored: int) -> str:
    since, until = it.facts["since"], it.facts["until"]
    if since != anchored:
        return f"the anchor in record {it.number} does not begin where the last ended"
    if _digest(since, until) != (it.facts["entries"], it.facts["digest"]):
        return f"the ledger's lines {since + 1} to {until} (record {it.number}) differ"
    return ""
