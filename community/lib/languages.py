"""What operators write in two languages."""


def in_language(language: str, english: str, chinese: str) -> str:
    """As the reader of `language` reads it; without Chinese words all read the rest."""
    return chinese if language.startswith("zh") and chinese else english
