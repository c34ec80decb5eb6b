from accounts.models.activity import Activity, Verb
from accounts.models.community import Community
from accounts.models.consent import Consent, PolicyVersion, Purpose
from accounts.models.roles import Role, RoleGrant
from accounts.models.spaces import Space, SpaceMember
from accounts.models.users import User

__all__ = [
    "Activity",
    "Community",
    "Consent",
    "PolicyVersion",
    "Purpose",
    "Role",
    "RoleGrant",
    "Space",
    "SpaceMember",
    "User",
    "Verb",
]
