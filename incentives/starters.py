"""The levels and badges that a new community starts with. Operators change them."""

from accounts.models import Verb

LEVELS = [
    (20, "Regular", "常客"),
    (100, "Contributor", "贡献者"),
    (400, "Pillar", "中坚"),
    (1500, "Guiding light", "引路人"),
]
BADGES = [
    {
        "name": "Ten lessons",
        "name_zh": "十课有成",
        "meaning": "Finished ten lessons.",
        "meaning_zh": "完成十节课。",
        "verb": Verb.LESSON_DONE,
        "number": 10,
    },
    {
        "name": "First answer",
        "name_zh": "第一个好回答",
        "meaning": "An answer was accepted.",
        "meaning_zh": "有一个回答被采纳。",
        "verb": Verb.ANSWER_ACCEPTED,
        "number": 1,
    },
    {
        "name": "Reliable answers",
        "name_zh": "答疑能手",
        "meaning": "Ten answers were accepted.",
        "meaning_zh": "有十个回答被采纳。",
        "verb": Verb.ANSWER_ACCEPTED,
        "number": 10,
    },
    {
        "name": "Course finished",
        "name_zh": "学完一门课",
        "meaning": "Finished a whole course.",
        "meaning_zh": "学完整整一门课。",
        "verb": Verb.COURSE_DONE,
        "number": 1,
    },
    {
        "name": "A steady week",
        "name_zh": "坚持一周",
        "meaning": "Checked in on six days of seven.",
        "meaning_zh": "七天里有六天打卡。",
        "verb": Verb.CHECKED_IN,
        "how": "days",
        "number": 6,
        "rest_days": 1,
    },
]


def make(**kwargs) -> None:
    from incentives.models import Badge, Ladder, Level

    if not Ladder.objects.exists():
        ladder = Ladder.objects.create()
        Level.objects.bulk_create(
            Level(
                ladder=ladder,
                number=number,
                threshold=threshold,
                title=title,
                title_zh=title_zh,
            )
            for number, (threshold, title, title_zh) in enumerate(LEVELS, start=1)
        )
    if not Badge.objects.exists():
        Badge.objects.bulk_create(Badge(**badge) for badge in BADGES)
