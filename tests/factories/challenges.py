"""Challenges, and people who take part in them."""

import datetime as dt

from community.lib.dates import site_day
from content.models import ChallengeMember
from content.services import challenges, check_ins
from tests.factories.accounts import make_member, make_space

DAY = dt.timedelta(days=1)


def make_challenge(
    title="Twenty pages",
    *,
    host=None,
    space=None,
    starts=0,
    days=5,
    publish=True,
    **says,
):
    first = says.pop("first_day", site_day() + starts * DAY)
    says = {
        "task": "Read twenty pages.",
        "first_day": first,
        "last_day": first + (days - 1) * DAY,
        "required_days": 3,
    } | says
    host = host or make_member("leader")
    space = space or make_space("readers")
    challenge = challenges.make_challenge(by=host, title=title, space=space, **says)
    if publish:
        challenges.publish_challenge(challenge=challenge)
        challenge.refresh_from_db()
    return challenge


def check_in(participant, day, body="I read.", **more):
    participant = ChallengeMember.objects.select_related("member").get(
        pk=participant.pk
    )
    return check_ins.check_in(
        participant=participant, author=participant.member, day=day, body=body, **more
    )
