from accounts.models import User


def set_language(*, member: User, language: str) -> None:
    """From now on the site speaks this language to the member, on every device."""
    if member.language != language:
        member.language = language
        member.save(update_fields=["language"])
