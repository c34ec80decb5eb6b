"""The privacy handler of accounts itself: the person, consents, spaces, activity."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import F
from django.utils import timezone

from accounts.models import (
    Activity,
    Appeal,
    Application,
    AuditRecord,
    AuthorApplication,
    Block,
    Consent,
    Conversation,
    Credential,
    DataExport,
    Erasure,
    Expert,
    Follow,
    Interest,
    Invitation,
    JournalEntry,
    Mail,
    Message,
    MessageReport,
    NewsChoice,
    Notification,
    Origin,
    PersonalReading,
    PersonalValue,
    Referral,
    RoleGrant,
    Sanction,
    Seat,
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
            *("date_joined", "last_login", "suspended_at", "removed_at", "roles"),
        ),
        "consents": rows(
            member.consents, "purpose", "version", "given_at", "withdrawn_at"
        ),
        "spaces": rows(member.spaces, "space__name", "role", "joined_at", "left_at"),
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
        "mails": rows(
            member.mails, "template", "created_at", "sent_at", "failed_at", "problem"
        ),
        "notifications": rows(
            member.notifications,
            *("kind", "target_kind", "target_id", "created_at", "read_at"),
        ),
        "what news to get": rows(
            NewsChoice.objects.filter(member=member),
            *("to_me", "followed", "other", "digest", "digest_day", "digest_hour"),
            *("quiet_from", "quiet_to"),
        ),
        "messages written": rows(
            member.messages_written, "conversation_id", "number", "at", "body"
        ),
        "messages received": _received(member),
        "people blocked": rows(member.blocks, "blocked__username", "created_at"),
        "messages reported": rows(
            member.message_reports, "at", "words", "excerpt", "closed_at"
        ),
        "sanctions": rows(
            member.sanctions,
            *("kind", "rule__title", "reason", "begins_at", "ends_at", "lifted_at"),
            *("appeal__words", "appeal__answer"),
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


def _received(member: User) -> list[dict[str, Any]]:
    """What others wrote to them and they have not thrown away."""
    received = Message.objects.filter(
        conversation__seats__member=member,
        number__gt=F("conversation__seats__cleared_to"),
    ).exclude(author=member)
    return rows(
        received.order_by("conversation", "number"),
        *("conversation_id", "number", "author__username", "at", "body"),
    )


def erase(member: User) -> None:
    """Empty the row; log and ledger keep numbers without a person behind them."""
    now = timezone.now()
    member.avatar.delete(save=False)
    EmailAddress.objects.filter(user=member).delete()
    member.notifications.all().delete()
    member.mails.all().delete()
    NewsChoice.objects.filter(member=member).delete()
    member.titles.filter(ended_at=None).update(ended_at=now)
    member.titles.update(reason="")
    TrackedLink.objects.filter(owner=member, ended_at=None).update(ended_at=now)
    member.invited_by_name.filter(ended_at=None).update(ended_at=now)
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
    member.spaces.update(role="member")
    member.spaces.filter(left_at=None).update(left_at=now)
    member.role_grants.filter(revoked_at=None).update(revoked_at=now)
    member.role_grants.update(reason="", revoke_reason="")
    _forget_expert(member)
    # That somebody agreed to which text, and who decided, stays without the words.
    member.author_applications.filter(state__in=OPEN).delete()
    member.author_applications.update(sample="", why="", reason="…")
    member.following.all().delete()
    member.followers.all().delete()
    _forget_messages(member)
    Appeal.objects.filter(sanction__member=member).update(words="", answer="")
    member.sanctions.update(reason="…")
    member.groups.clear()
    # "~" is in no handle that can be chosen, so nobody can be in the way.
    member.username = f"former-member~{member.pk}"
    member.email = None
    member.name = member.about = member.language = member.time_zone = ""
    member.experience, member.level, member.unread_messages = "", 0, 0
    member.messages_from = User.MessagesFrom.NOBODY
    member.mail_failures, member.mail_failing_at = 0, None
    member.roles = []
    member.is_staff = member.is_superuser = member.is_active = False
    member.erased_at = now
    member.set_unusable_password()
    member.save()
    _forget_in_the_admin(member)
    Authenticator.objects.filter(user=member).delete()
    SocialAccount.objects.filter(user=member).delete()
    end_sessions(member)


def _forget_messages(member: User) -> None:
    """The other keeps what they wrote themselves, and gaps where the member did."""
    member.messages_written.update(body="", body_html="")
    member.seats.all().delete()
    member.blocks.all().delete()
    member.blocked_in.all().delete()
    member.message_reports.update(words="…", excerpt=[])
    member.reports_about.update(excerpt=[])


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
        *(LogEntry, Mail, Notification, NewsChoice, Expert, AuthorApplication, Follow),
        *(PersonalValue, PersonalReading, Sanction, Appeal, TitleHolder),
        *(Conversation, Seat, Message, MessageReport, Block),
        *(Authenticator, UserSession, SocialAccount, DataExport, Erasure, AuditRecord),
        JournalEntry,
        *(Application, Interest, Invitation, Origin, Referral, TrackedLink),
    ),
    export=export,
    erase=erase,
    files=files,
)
