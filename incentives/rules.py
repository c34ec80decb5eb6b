"""The rules a new community starts with. Operators end them and begin others."""

from accounts.models import Verb

DEFAULTS = [
    {
        "verb": Verb.LESSON_DONE,
        "title": "Finished a lesson",
        "title_zh": "完成一节课",
        "points": 5,
    },
    {
        "verb": Verb.ANSWER_ACCEPTED,
        "undone_by": Verb.ANSWER_UNACCEPTED,
        "title": "Your answer was accepted",
        "title_zh": "回答被采纳",
        "points": 15,
    },
    {
        "verb": Verb.REFERRAL_STAYED,
        "title": "Somebody you brought has stayed",
        "title_zh": "你带来的成员留了下来",
        "points": 50,
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
]
# The verbs that ring promptly. A rule on another verb is paid by the nightly sweep.
PAID_VERBS = {
    Verb.LESSON_DONE,
    Verb.ANSWER_ACCEPTED,
    Verb.ANSWER_UNACCEPTED,
    Verb.ANSWER_CHOSEN,
    Verb.ANSWER_UNCHOSEN,
    Verb.CHALLENGE_DONE,
    Verb.EVENT_ATTENDED,
}


def make_defaults(**kwargs) -> None:
    from incentives.models import PointRule

    if PointRule.objects.exists():
        return
    PointRule.objects.bulk_create(PointRule(**rule) for rule in DEFAULTS)
