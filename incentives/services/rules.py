"""How rules come and go: drafted, tried, put in force, ended. Never rewritten."""

import datetime as dt

from django.core.cache import cache
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import User
from accounts.services import audit
from incentives.errors import RuleInForce
from incentives.models import PointRule
from incentives.rules import QUIET, REMOVALS, RETURNS
from incentives.services.bounties import HEARD

KNOWN_FOR = 60  # seconds
CACHE_KEY = "verbs of rules"


def is_heard(verb: str) -> bool:
    """Whether the bell of this deed is worth a task; the others wait for the night."""
    if verb in REMOVALS or verb in RETURNS or verb in HEARD:
        return True
    return verb not in QUIET and verb in _verbs()


def _verbs() -> set[str]:
    found = cache.get(CACHE_KEY)
    if found is None:
        rows = PointRule.objects.exclude(since=None).values_list("verb", "undone_by")
        found = {verb for pair in rows for verb in pair if verb}
        cache.set(CACHE_KEY, found, KNOWN_FOR)
    return found


@transaction.atomic
def save_draft(*, rule: PointRule, by: User) -> PointRule:
    """Keep what was typed as a draft: a new rule, or the next version of one."""
    if rule.pk and not _hold(rule).is_draft:
        raise RuleInForce
    rule.since = rule.until = None
    rule.save()
    audit.record(act="drafted a point rule", actor=by, target=rule)
    return rule


@transaction.atomic
def draft_next(*, rule: PointRule, by: User) -> PointRule:
    """A copy of it to change, as its next version; the draft that is there already."""
    family = PointRule.objects.filter(family=rule.family)
    list(family.select_for_update().values("pk"))
    if there := family.drafts().first():
        return there
    rule = PointRule.objects.get(pk=rule.pk)
    rule.version = family.aggregate(last=Max("version"))["last"] + 1
    rule.pk, rule._state.adding = None, True
    return save_draft(rule=rule, by=by)


@transaction.atomic
def go_live(*, rule: PointRule, by: User, now: dt.datetime | None = None) -> None:
    """From now on it pays, and in the same moment the version before it ends.

    Once in force, it changes nothing.
    """
    family = PointRule.objects.filter(family=rule.family)
    list(family.select_for_update().values("pk"))
    rule = PointRule.objects.get(pk=rule.pk)
    if not rule.is_draft:
        return
    now = now or timezone.now()
    for before in family.in_force(now):
        before.until = now
        before.save(update_fields=["until"])
    rule.since = now
    rule.save(update_fields=["since"])
    _changed("put a point rule in force", rule, by)


@transaction.atomic
def end(*, rule: PointRule, by: User, now: dt.datetime | None = None) -> None:
    """It pays no more for what is done from now on. Raises RuleInForce for a draft."""
    rule = _hold(rule)
    if rule.since is None:
        raise RuleInForce
    now = now or timezone.now()
    if rule.until and rule.until <= now:
        return
    rule.until = max(now, rule.since + dt.timedelta(seconds=1))
    rule.save(update_fields=["until"])
    _changed("ended a point rule", rule, by)


@transaction.atomic
def drop_draft(*, rule: PointRule, by: User) -> None:
    rule = _hold(rule)
    if not rule.is_draft:
        raise RuleInForce
    audit.record(act="dropped a draft of a point rule", actor=by, target=rule)
    rule.delete()


def _changed(act: str, rule: PointRule, by: User) -> None:
    audit.record(act=act, actor=by, target=rule)
    transaction.on_commit(lambda: cache.delete(CACHE_KEY))


def _hold(rule: PointRule) -> PointRule:
    return PointRule.objects.select_for_update(of=("self",)).get(pk=rule.pk)
