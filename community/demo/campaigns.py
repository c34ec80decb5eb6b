"""A campaign that the demo's operator has drafted: its page says what it can show."""

import datetime as dt

from django.utils import timezone

from accounts.models import JournalEntry, User
from accounts.services import journal
from incentives.models import Campaign


def draft(operator: User) -> Campaign:
    ends_at = timezone.now() + dt.timedelta(days=30)
    campaign = Campaign.objects.create(
        name="A word to the quiet 问候久未来的会员",
        goal="Who has been away for a month comes back. 一个月没来的会员再回来看看。",
        audience=Campaign.Audience.QUIET,
        days=30,
        title="What is new since you were here",
        title_zh="你不在的时候，这里有了什么",
        text="Two courses have begun, and your circles go on talking. Come by!",
        text_zh="新开了两门课程，圈子里的讨论也没停。有空来看看！",
        ends_at=ends_at,
    )
    campaign.hold_outs.create(percent=20, until=ends_at.date())
    journal.note(
        target=campaign,
        deed=JournalEntry.Deed.ADDED,
        hypothesis="One in twenty comes back; without the word they would not.",
        by=operator,
        look_on=ends_at.date() + journal.LOOK_AFTER,
    )
    return campaign
