from allauth.usersessions.models import UserSession

from accounts.models import User


def end_sessions(member: User) -> None:
    """Sign a member out everywhere, at once."""
    for session in UserSession.objects.filter(user=member):
        session.end()
