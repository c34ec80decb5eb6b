from accounts.models.activity import Activity, Verb
from accounts.models.spaces import Space, SpaceMember
from accounts.models.users import User

__all__ = ["Activity", "Space", "SpaceMember", "User", "Verb"]
