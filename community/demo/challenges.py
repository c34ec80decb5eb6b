"""A challenge of the demo community that is under way."""

import datetime as dt
from typing import Any, cast

from accounts.models import Space, User
from community.lib.dates import site_day
from content.models import Item
from content.services import challenges, check_ins


def camp(words: list[dict[str, Any]]) -> None:
    for told in words:
        course = Item.objects.get(slug=told["course"])
        today = site_day()
        challenge = challenges.make_challenge(
            by=cast("User", course.author),
            space=Space.objects.get(slug=told["space"]),
            first_day=today - dt.timedelta(days=1),
            last_day=today + dt.timedelta(days=19),
            required_days=18,
            **{name: told[name] for name in ("title", "summary", "task")},
        )
        challenges.publish_challenge(challenge=challenge)
        learners = User.objects.filter(enrolments__item=course).order_by("pk")
        for number, member in enumerate(learners[: told["guests"]]):
            mine = challenges.join(challenge=challenge, member=member, remind_hour=20)
            if number < len(told["said"]):
                body = told["said"][number]
                day = challenges.open_days_of(mine)[-1]
                check_ins.check_in(
                    participant=mine, author=member, day=day, body=body, agrees=True
                )
