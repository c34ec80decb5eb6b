"""Certificates: given once for a finished course, true until revoked."""

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from accounts.models import User
from accounts.models.personal import PersonalKind
from accounts.services import audit, personal
from community.lib.codes import new_code
from community.lib.dates import site_day
from community.lib.sealed import seal
from content.errors import CertificateRevoked, NotFinished
from content.models import Certificate, Enrolment, Item, Lesson


def may_have_one(member: User, course: Item) -> bool:
    finished = Enrolment.objects.filter(item=course, member=member.pk)
    return course.gives_certificate and finished.exclude(done_at=None).exists()


def name_of(member: User) -> str:
    """The name that the member will most likely want on it."""
    return personal.own(member).get(PersonalKind.REAL_NAME) or str(member)


def certificate_of(member: User, course: Item) -> Certificate | None:
    """The one there is, revoked or not; none where an operator allows another."""
    given = Certificate.objects.filter(member=member.pk, item=course)
    return given.filter(renewable_at=None).first()


@transaction.atomic
def issue(*, member: User, course: Item, name: str) -> Certificate:
    """The certificate of this member and course; asking again gives the same one.

    Raises NotFinished, and CertificateRevoked until an operator allows another.
    """
    enrolments = Enrolment.objects.select_for_update()
    enrolment = enrolments.filter(item=course, member=member).first()
    if not course.gives_certificate or enrolment is None or not enrolment.done_at:
        raise NotFinished
    if given := certificate_of(member, course):
        if given.revoked_at:
            raise CertificateRevoked
        return given
    lessons = Lesson.objects.filter(section__item=course)
    certificate = Certificate(
        code=new_code(12),
        item=course,
        member=member,
        title=course.title,
        minutes=lessons.aggregate(sum=Sum("minutes"))["sum"] or 0,
        finished_on=site_day(enrolment.done_at),
    )
    certificate.sealed_name = seal(name, certificate.place)
    certificate.save()
    return certificate


@transaction.atomic
def revoke(*, certificate: Certificate, by: User, reason: str) -> bool:
    """It is not true any more, and says so; harmless to repeat. Whether it was true
    until now."""
    certificate = Certificate.objects.select_for_update().get(pk=certificate.pk)
    if certificate.revoked_at:
        return False
    certificate.revoked_at, certificate.revoked_because = timezone.now(), reason
    certificate.save(update_fields=["revoked_at", "revoked_because"])
    audit.record(
        act="revoked a certificate", actor=by, target=certificate, reason=reason
    )
    return True


@transaction.atomic
def allow_another(*, certificate: Certificate, by: User, reason: str) -> bool:
    """Its member may have a new one made; the revoked one stays revoked. Whether there
    was anything to allow."""
    certificate = Certificate.objects.select_for_update().get(pk=certificate.pk)
    if not certificate.revoked_at or certificate.renewable_at:
        return False
    certificate.renewable_at = timezone.now()
    certificate.save(update_fields=["renewable_at"])
    audit.record(
        act="allowed another certificate", actor=by, target=certificate, reason=reason
    )
    return True


def find(code: str) -> Certificate | None:
    """By its code, however it was typed."""
    letters = "".join(code.upper().replace("-", "").split())
    tidy = "-".join(letters[at : at + 4] for at in range(0, 12, 4))
    found = Certificate.objects.filter(code=tidy if len(letters) == 12 else code)
    return found.select_related("item", "member").first()
