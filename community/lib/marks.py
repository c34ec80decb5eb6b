"""The marks that stand for something in what mentors type, as a Chinese keyboard
writes them."""

PLAIN = str.maketrans({"＊": "*", "｜": "|"})


def plain_marks(text: str) -> str:
    return text.translate(PLAIN)
