"""Who writes an item beside its author: asked first, and free to leave."""

import datetime as dt

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Mail, User
from accounts.services import mails
from accounts.services.members import hold_members
from community.lib.dates import site_day
from content.errors import NotAskedAgain, TooManyInvitations
from content.models import CoAuthor, CoAuthorInvitation, Item
from content.services.writing import hold_item, moved, numbered

Answer = CoAuthorInvitation.Answer
MOST_A_DAY = 10
ASKED_AGAIN_AFTER = dt.timedelta(days=90)
TEMPLATE = "co_author_asked"


@transaction.atomic
def ask(*, item: Item, member: User, by: User) -> None:
    """Ask `member` to write it, too. Who is asked, or writes it already, is not asked
    a second time. Raises NotAskedAgain and TooManyInvitations."""
    hold_members(by.pk)  # counts one after the other
    if _mailed_today(by) >= MOST_A_DAY:
        raise TooManyInvitations
    credit(item=item, member=member, by=by)


@transaction.atomic
def credit(*, item: Item, member: User, by: User) -> None:
    """The same for whose words it is made of: however many these are."""
    item = hold_item(item)
    if member.pk == item.author_id or item.co_authors.filter(member=member).exists():
        return
    before = item.invitations.filter(member=member).first()
    if before is None:
        _tell(item.invitations.create(member=member, by=by))
    elif before.answer == Answer.TAKEN_BACK:
        # A mail was sent when they were asked first; the studio shows it again.
        _change(before, Answer.NONE)
    elif before.answer == Answer.DECLINED:
        _ask_again(before, by)


def _ask_again(before: CoAuthorInvitation, by: User) -> None:
    if not (before.answered_at and before.answered_at < _long_ago()):
        raise NotAskedAgain
    before.by, before.asked_at = by, timezone.now()
    _change(before, Answer.NONE)
    _tell(before)


def _long_ago() -> dt.datetime:
    return timezone.now() - ASKED_AGAIN_AFTER


def _tell(invitation: CoAuthorInvitation) -> None:
    """By mail once a day at most, however many drafts somebody begins and discards."""
    by, member = invitation.by, invitation.member
    mails.send(
        key=f"{_key(by)}{member.pk} {site_day()}",
        member=member,
        template=TEMPLATE,
        title=invitation.item.title,
        by=str(by),
    )


def _mailed_today(by: User) -> int:
    """Of the mails: with a draft that is thrown away its invitations go."""
    since = timezone.now() - dt.timedelta(days=1)
    told = Mail.objects.filter(template=TEMPLATE, created_at__gt=since)
    return told.filter(key__startswith=_key(by)).count()


def _key(by: User | None) -> str:
    return f"co-author {by.pk if by else ''} "


def _change(invitation: CoAuthorInvitation, answer: str) -> None:
    invitation.answer = answer
    invitation.answered_at = timezone.now() if answer else None
    invitation.save()


def waiting_for(member: User) -> QuerySet[CoAuthorInvitation]:
    """What the member is asked to write with others and has not answered."""
    return member.asked_to_write.filter(answer=Answer.NONE)


def unanswered(item: Item) -> QuerySet[CoAuthorInvitation]:
    """Whom the author sees as asked; who declined is named, too, to be let be."""
    shown = (Answer.NONE, Answer.DECLINED)
    return item.invitations.filter(answer__in=shown).select_related("member")


@transaction.atomic
def accept(*, invitation: CoAuthorInvitation) -> None:
    """Twice is once; what was taken back meanwhile changes nothing."""
    item = hold_item(invitation.item)
    invitation.refresh_from_db()
    if invitation.answer != Answer.NONE:
        return
    _change(invitation, Answer.ACCEPTED)
    place = item.co_authors.count()
    CoAuthor.objects.create(item=item, member=invitation.member, position=place)


@transaction.atomic
def decline(*, invitation: CoAuthorInvitation) -> None:
    _answer_if_open(invitation, Answer.DECLINED)


@transaction.atomic
def take_back(*, invitation: CoAuthorInvitation) -> None:
    _answer_if_open(invitation, Answer.TAKEN_BACK)


def _answer_if_open(invitation: CoAuthorInvitation, answer: str) -> None:
    hold_item(invitation.item)
    invitation.refresh_from_db()
    if invitation.answer == Answer.NONE:
        _change(invitation, answer)


@transaction.atomic
def leave(*, co_author: CoAuthor) -> None:
    """The member writes it no more, and is let be like one who declined."""
    _end(co_author, Answer.DECLINED)


@transaction.atomic
def remove(*, co_author: CoAuthor) -> None:
    """The author writes without them; they may be asked again."""
    _end(co_author, Answer.TAKEN_BACK)


def _end(co_author: CoAuthor, answer: str) -> None:
    item = hold_item(co_author.item)
    item.invitations.update_or_create(
        member=co_author.member,
        defaults={
            "answer": answer,
            "answered_at": timezone.now(),
            "has_written": True,
        },
    )
    co_author.delete()
    numbered(list(item.co_authors.all()))


@transaction.atomic
def move(*, co_author: CoAuthor, by: int) -> None:
    item = hold_item(co_author.item)
    numbered(moved(list(item.co_authors.all()), co_author, by))
