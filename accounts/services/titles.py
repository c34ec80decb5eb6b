from django.db import transaction
from django.utils import timezone

from accounts.models import Notification, Title, TitleHolder, User
from accounts.services import audit
from accounts.services.notifications import tell


@transaction.atomic
def give_title(
    *, title: Title, member: User, by: User, reason: str = ""
) -> TitleHolder:
    """Let a member bear a title, and tell them; giving it twice changes nothing."""
    holder, is_new = TitleHolder.objects.get_or_create(
        title=title,
        member=member,
        ended_at=None,
        defaults={"given_by": by, "reason": reason},
    )
    if not is_new:
        return holder
    tell(
        [member.pk],
        kind=Notification.Kind.TITLE_GIVEN,
        key=f"title:{holder.pk}",
        target=title,
    )
    audit.record(act="gave a title", actor=by, target=member, title=title.pk)
    return holder


@transaction.atomic
def end_title(*, holder: TitleHolder, by: User) -> None:
    borne = TitleHolder.objects.filter(pk=holder.pk, ended_at=None)
    if borne.update(ended_at=timezone.now()):
        audit.record(
            act="ended a title", actor=by, target=holder.member, title=holder.title_id
        )


def borne_by(member: User) -> list[Title]:
    """The titles a member bears today, the latest first."""
    borne = member.titles.filter(ended_at=None).select_related("title")
    return [holder.title for holder in borne]


def shown_to(member: User, numbers: list[int]) -> dict[int, tuple[str, str]]:
    """For news about titles: (title, address)."""
    titles = Title.objects.filter(pk__in=numbers)
    return {it.pk: (it.name, member.get_absolute_url()) for it in titles}
