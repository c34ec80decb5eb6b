"""The rules a new community starts with. Operators end them and begin others.

All of them pay for an outcome that others have a say in, none for mere presence or
for writing much.
"""

from typing import Any

from accounts.models import Verb

DEFAULTS: list[dict[str, Any]] = [
    {
        "verb": Verb.LESSON_DONE,
        "title": "Finished a lesson",
        "title_zh": "完成一节课",
        "points": 5,
        "cap_day": 100,
    },
    {
        "verb": Verb.ANSWER_ACCEPTED,
        "undone_by": Verb.ANSWER_UNACCEPTED,
        "title": "Your answer was accepted",
        "title_zh": "回答被采纳",
        "points": 15,
        "cap_day": 90,
        "wait_days": 3,
    },
    {
        "verb": Verb.REFERRAL_STAYED,
        "title": "Somebody you brought has stayed",
        "title_zh": "你带来的成员留了下来",
        "points": 50,
        "wait_days": 14,
    },
    {
        "verb": Verb.CHALLENGE_DONE,
        "title": "Finished a challenge",
        "title_zh": "完成一次打卡挑战",
        "points": 20,
    },
    {
        "verb": Verb.EVENT_ATTENDED,
        "title": "Came to an event",
        "title_zh": "参加一场活动",
        "points": 10,
    },
    {
        "verb": Verb.QUALITY_REACHED,
        "undone_by": Verb.QUALITY_LOST,
        "title": "Members rate highly what you wrote",
        "title_zh": "你的作品获得高评分",
        "points": 100,
        "wait_days": 30,
    },
]
# Whatever was paid for a thing goes back when it is removed, by every rule, and comes
# again when that was a mistake.
REMOVALS = frozenset({Verb.POST_REMOVED, Verb.TOPIC_REMOVED, Verb.REFUNDED})
RETURNS = frozenset({Verb.POST_RESTORED, Verb.TOPIC_RESTORED})
# Pages that are read leave one at each reading: what is paid for them, if anything,
# can wait for the night.
QUIET = {Verb.VISITED, Verb.VIEWED, Verb.WATCHED}


def make_defaults(**kwargs) -> None:
    from incentives.models import PointRule

    if PointRule.objects.exists():
        return
    PointRule.objects.bulk_create(PointRule(**rule) for rule in DEFAULTS)
