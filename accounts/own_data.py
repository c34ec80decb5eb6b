"""The privacy handler of accounts itself: the person, consents, spaces, activity."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from accounts.models import (
    Activity,
    Application,
    AuditRecord,
    AuthorApplication,
    Consent,
    Credential,
    DataExport,
    Erasure,
    Expert,
    Follow,
    Interest,
    Invitation,
    Mail,
    Notification,
    Origin,
    PersonalReading,
    PersonalValue,
    Referral,
    RoleGrant,
    SpaceMember,
    TitleHolder,
    TrackedLink,
    User,
)
from accounts.privacy import Handler, rows
from accounts.services import personal
from accounts.services.authors import OPEN
from accounts.services.experts import remove_credential
from accounts.services.sessions import end_sessions


def export(member: User) -> dict[str, Any]:
    return {
        "account": rows(
            User.objects.filter(pk=member.pk),
            *("username", "email", "name", "about", "language", "time_zone"),
            *("date_joined", "last_login", "suspended_at", "roles"),
        ),
        "consents": rows(
            member.consents, "purpose", "version", "given_at", "withdrawn_at"
        ),
        "spaces": rows(member.spaces, "space__name", "joined_at", "left_at"),
        "roles": rows(
            member.role_grants,
            *("role", "granted_at", "ends_at", "reason"),
            *("revoked_at", "revoke_reason"),
        ),
        "expert profile": rows(
            Expert.objects.filter(member=member),
            *("headline", "fields__name", "state", "asked_at", "decided_at"),
            *("verified_until", "reason"),
        ),
        "credentials": rows(
            Credential.objects.filter(expert__member=member),
            *("what", "issuer", "year", "document"),
        ),
        "author applications": rows(
            member.author_applications,
            *("kind", "sample", "why", "is_invitation", "state", "asked_at"),
            *("decided_at", "reason", "agreed_at", "agreed_version"),
        ),
        "following": rows(member.following, "followed__username", "created_at"),
        "followers": rows(member.followers, "created_at"),
        "e-mail addresses": rows(
            EmailAddress.objects.filter(user=member), "email", "verified"
        ),
        "personal facts": personal.own(member),
        "readings of personal facts": rows(
            member.personal_readings, "by__name", "kinds", "reason", "at"
        ),
        "copies asked for": rows(member.data_exports, "asked_at", "ready_at"),
        "deletions asked for": rows(
            member.erasures, "asked_at", "due_at", "cancelled_at"
        ),
        "applications": rows(
            member.applications,
            *("space__name", "state", "answers", "match", "created_at", "reason"),
        ),
        "interests": rows(member.interests, "tag__name", "declared_at"),
        "where from": rows(
            Origin.objects.filter(member=member),
            *("channel__name", "first_link__code", "first_at", "last_link__code"),
        ),
        "referrals": rows(member.referrals, "at", "stayed_at"),
        "own links": rows(member.own_links, "code", "path", "created_at", "ended_at"),
        "mails": rows(member.mails, "template", "created_at", "sent_at"),
        "notifications": rows(
            member.notifications,
            *("kind", "target_kind", "target_id", "created_at", "read_at"),
        ),
        "titles": rows(member.titles, "title__name", "reason", "given_at", "ended_at"),
        "second factors": rows(
            Authenticator.objects.filter(user=member),
            *("type", "created_at", "last_used_at"),
        ),
        "sessions": rows(
            UserSession.objects.filter(user=member),
            *("ip", "user_agent", "created_at", "last_seen_at"),
        ),
        "accounts elsewhere": rows(
            SocialAccount.objects.filter(user=member),
            *("provider", "uid", "date_joined", "extra_data"),
        ),
        "acts of the staff": rows(
            member.audit_records, "at", "act", "object_kind", "object_id", "reason"
        ),
        "acts in the admin": rows(
            LogEntry.objects.filter(user=member), "action_time", "object_repr"
        ),
        "activity": rows(
            Activity.objects.filter(member=member).order_by("at"),
            *("at", "verb", "object_kind", "object_id", "space", "count"),
        ),
    }


def erase(member: User) -> None:
    """Empty the row; log and ledger keep numbers without a person behind them."""
    now = timezone.now()
    member.avatar.delete(save=False)
    EmailAddress.objects.filter(user=member).delete()
    member.mails.all().delete()
    member.notifications.all().delete()
    member.titles.filter(ended_at=None).update(ended_at=now)
    member.titles.update(reason="")
    TrackedLink.objects.filter(owner=member, ended_at=None).update(ended_at=now)
    member.interests.all().delete()
    member.applications.filter(state__in=Application.OPEN).update(
        state=Application.State.WITHDRAWN, offered_until=None
    )
    member.applications.update(answers=[], match_reasons=[], reason="")
    for copy in member.data_exports.exclude(file=""):
        copy.file.delete()
    member.data_exports.all().delete()
    member.personal_values.all().delete()
    member.consents.filter(withdrawn_at=None).update(withdrawn_at=now)
    member.spaces.update(external_key=None)
    member.spaces.filter(left_at=None).update(left_at=now)
    member.role_grants.filter(revoked_at=None).update(revoked_at=now)
    member.role_grants.update(reason="", revoke_reason="")
    _forget_expert(member)
    # That somebody agreed to which text, and who decided, stays without the words.
    member.author_applications.filter(state__in=OPEN).delete()
    member.author_applications.update(sample="", why="", reason="…")
    member.following.all().delete()
    member.followers.all().delete()
    member.groups.clear()
    # "~" is in no handle that can be chosen, so nobody can be in the way.
    member.username = f"former-member~{member.pk}"
    member.email = None
    member.name = member.about = member.language = member.time_zone = ""
    member.experience, member.level = "", 0
    member.roles = []
    member.is_staff = member.is_superuser = member.is_active = False
    member.erased_at = now
    member.set_unusable_password()
    member.save()
    _forget_in_the_admin(member)
    Authenticator.objects.filter(user=member).delete()
    SocialAccount.objects.filter(user=member).delete()
    end_sessions(member)


def _forget_in_the_admin(member: User) -> None:
    """Its log names what it is about: the person, or a thing of theirs, named so."""
    theirs = AuditRecord.objects.filter(facts__member=member.pk, facts__has_key="entry")
    entries = theirs.values_list("facts__entry", flat=True)
    LogEntry.objects.filter(pk__in=list(entries)).update(object_repr=member.username)
    LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(User), object_id=str(member.pk)
    ).update(object_repr=member.username)


def _forget_expert(member: User) -> None:
    for credential in Credential.objects.filter(expert__member=member):
        remove_credential(credential)
    Expert.objects.filter(member=member).delete()


def files(member: User) -> list[str]:
    documents = Credential.objects.filter(expert__member=member).exclude(document="")
    avatar = [member.avatar.name] if member.avatar else []
    return [*avatar, *documents.values_list("document", flat=True)]


HANDLER = Handler(
    name="accounts",
    covers=(
        *(User, EmailAddress, Consent, SpaceMember, RoleGrant, Activity),
        *(LogEntry, Mail, Notification, Expert, AuthorApplication, Follow),
        *(PersonalValue, PersonalReading, TitleHolder),
        *(Authenticator, UserSession, SocialAccount, DataExport, Erasure, AuditRecord),
        *(Application, Interest, Invitation, Origin, Referral, TrackedLink),
    ),
    export=export,
    erase=erase,
    files=files,
)
