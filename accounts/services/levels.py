from accounts.models import User


def set_level(member: User, number: int) -> None:
    """What those above have found: it opens what asks for this level, nothing else."""
    User.objects.filter(pk=member.pk).exclude(level=number).update(level=number)
