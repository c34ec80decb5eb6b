from accounts.models.activity import Activity, Verb
from accounts.models.audit import AuditRecord
from accounts.models.authors import AuthorApplication
from accounts.models.community import Community
from accounts.models.consent import Consent, PolicyVersion, Purpose, Rule
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
from accounts.models.journal import JournalEntry
from accounts.models.ledger import Entry, LedgerAccount, Lot, LotMove, Transfer
from accounts.models.mails import Mail
from accounts.models.messages import (
    Block,
    Conversation,
    Message,
    MessageReport,
    Seat,
)
from accounts.models.news import NewsChoice, NewsGroup, Way
from accounts.models.notifications import Notification
from accounts.models.offers import MEMBERSHIP, Bundle, Offer
from accounts.models.orders import Order
from accounts.models.own_limits import Concentration, SpendingLimit, SpendingRest
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
from accounts.models.reductions import OrderReduction
from accounts.models.rights import DataExport, Erasure, RetentionRule
from accounts.models.robots import Robot, RobotMessage
from accounts.models.roles import Role, RoleGrant
from accounts.models.sanctions import Appeal, Sanction
from accounts.models.shares import CreatorAccount, Payout, ShareAgreement
from accounts.models.spaces import JoinMode, Space, SpaceMember
from accounts.models.subscriptions import Subscription, SubscriptionPhase
from accounts.models.titles import Title, TitleHolder
from accounts.models.users import User

__all__ = [
    "MEMBERSHIP",
    "Activity",
    "Appeal",
    "Application",
    "AuditRecord",
    "AuthorApplication",
    "Block",
    "Bundle",
    "Campaign",
    "Channel",
    "Community",
    "Concentration",
    "Consent",
    "Conversation",
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
    "JournalEntry",
    "LedgerAccount",
    "LinkDay",
    "Lot",
    "LotMove",
    "Mail",
    "Message",
    "MessageReport",
    "NewsChoice",
    "NewsGroup",
    "Notice",
    "Notification",
    "Offer",
    "Order",
    "OrderReduction",
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
    "Robot",
    "RobotMessage",
    "Role",
    "RoleGrant",
    "Rule",
    "Sanction",
    "Seat",
    "ShareAgreement",
    "Space",
    "SpaceMember",
    "SpendingLimit",
    "SpendingRest",
    "Subscription",
    "SubscriptionPhase",
    "TestCharge",
    "Title",
    "TitleHolder",
    "TrackedLink",
    "Transfer",
    "User",
    "Verb",
    "Way",
]
