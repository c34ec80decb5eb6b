from accounts.models.activity import Activity, Verb
from accounts.models.billing import (
    MEMBERSHIP,
    Entitlement,
    Notice,
    Offer,
    Order,
    Payment,
    TestCharge,
)
from accounts.models.community import Community
from accounts.models.consent import Consent, PolicyVersion, Purpose
from accounts.models.ledger import Entry, LedgerAccount, Transfer
from accounts.models.mails import Mail
from accounts.models.roles import Role, RoleGrant
from accounts.models.spaces import Space, SpaceMember
from accounts.models.users import User

__all__ = [
    "MEMBERSHIP",
    "Activity",
    "Community",
    "Consent",
    "Entitlement",
    "Entry",
    "LedgerAccount",
    "Mail",
    "Notice",
    "Offer",
    "Order",
    "Payment",
    "PolicyVersion",
    "Purpose",
    "Role",
    "RoleGrant",
    "Space",
    "SpaceMember",
    "TestCharge",
    "Transfer",
    "User",
    "Verb",
]
