from accounts.models.activity import Activity, Verb
from accounts.models.audit import AuditRecord
from accounts.models.authors import AuthorApplication
from accounts.models.community import Community
from accounts.models.consent import Consent, PolicyVersion, Purpose
from accounts.models.entitlements import Entitlement
from accounts.models.experts import Credential, Expert, Field
from accounts.models.follows import Follow
from accounts.models.gifts import Gift
from accounts.models.joining import (
    Application,
    Interest,
    Invitation,
    JoinQuestion,
)
from accounts.models.ledger import Entry, LedgerAccount, Transfer
from accounts.models.mails import Mail
from accounts.models.notifications import Notification
from accounts.models.offers import MEMBERSHIP, Bundle, Offer
from accounts.models.orders import Order
from accounts.models.payments import (
    Difference,
    Dispute,
    Notice,
    Payment,
    Refund,
    RefundRequest,
    TestCharge,
)
from accounts.models.personal import PersonalKind, PersonalReading, PersonalValue
from accounts.models.receipts import Receipt, ReceiptSeries
from accounts.models.recruiting import (
    Campaign,
    Channel,
    LinkDay,
    Origin,
    Referral,
    TrackedLink,
)
from accounts.models.rights import DataExport, Erasure, RetentionRule
from accounts.models.roles import Role, RoleGrant
from accounts.models.shares import CreatorAccount, Payout, ShareAgreement
from accounts.models.spaces import JoinMode, Space, SpaceMember
from accounts.models.subscriptions import Subscription, SubscriptionPhase
from accounts.models.titles import Title, TitleHolder
from accounts.models.users import User

__all__ = [
    "MEMBERSHIP",
    "Activity",
    "Application",
    "AuditRecord",
    "AuthorApplication",
    "Bundle",
    "Campaign",
    "Channel",
    "Community",
    "Consent",
    "CreatorAccount",
    "Credential",
    "DataExport",
    "Difference",
    "Dispute",
    "Entitlement",
    "Entry",
    "Erasure",
    "Expert",
    "Field",
    "Follow",
    "Gift",
    "Interest",
    "Invitation",
    "JoinMode",
    "JoinQuestion",
    "LedgerAccount",
    "LinkDay",
    "Mail",
    "Notice",
    "Notification",
    "Offer",
    "Order",
    "Origin",
    "Payment",
    "Payout",
    "PersonalKind",
    "PersonalReading",
    "PersonalValue",
    "PolicyVersion",
    "Purpose",
    "Receipt",
    "ReceiptSeries",
    "Referral",
    "Refund",
    "RefundRequest",
    "RetentionRule",
    "Role",
    "RoleGrant",
    "ShareAgreement",
    "Space",
    "SpaceMember",
    "Subscription",
    "SubscriptionPhase",
    "TestCharge",
    "Title",
    "TitleHolder",
    "TrackedLink",
    "Transfer",
    "User",
    "Verb",
]
