"""The product asks for nothing by what somebody would lose.

Fear of missing out sells, and makes people buy what they do not want. Whoever has a
fact to tell ("The offer ends on Friday") tells it as a fact.
"""

import re

import polib
import pytest
from django.conf import settings

ENGLISH = [
    r"\byou(?:'ll| will| would| may| might| are about to) lose\b",
    r"\b(?:or|before you|about to) lose\b",
    r"\blos(?:e|ing) your (?:points|streak|level|rank|badge|reward|place|membership)\b",
    r"\bdon['’]t miss\b|\bdo not miss\b|\bmiss(?:ing)? out\b",
    r"\blast chance\b|\bfinal chance\b|\bnow or never\b",
    r"\bhurry\b|\bact (?:now|fast)\b|\bbefore it['’]?s? (?:is )?too late\b",
    r"\bonly (?:\d+|\{\{[^}]+\}\}|%\(\w+\)s) left\b",
    r"\bselling (?:out )?fast\b|\balmost (?:gone|sold out)\b",
    r"\b(?:points|coupons?|rewards?) (?:are )?(?:about to|will soon) expire\b",
]
CHINESE = [
    *(r"最后(?:的)?机会", r"即将失去", r"(?:将|会)失去", r"错过(?:就|不再|将)"),
    *(r"(?:别|不要|切勿|勿)错过", r"不容错过", r"机不可失", r"手慢无"),
    *(r"仅剩", r"只剩(?!下)", r"赶快|赶紧|抓紧", r"限时抢|抢购|秒杀|疯抢"),
    *(r"即将(?:过期|作废|清零)", r"过期不候", r"白白浪费"),
]
PATTERN = re.compile("|".join([*ENGLISH, *CHINESE]), re.IGNORECASE)
COMMENT = re.compile(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", re.DOTALL)


def frames_a_loss(text):
    found = PATTERN.search(COMMENT.sub("", text))
    return found.group() if found else ""


def templates():
    folder = settings.BASE_DIR / "templates"
    return [path for path in folder.rglob("*") if path.suffix in {".html", ".txt"}]


def sentences():
    """All that the product says, in each of its languages."""
    for path in (settings.BASE_DIR / "locale").rglob("*.po"):
        for entry in polib.pofile(str(path)):
            if not entry.obsolete:
                yield entry.msgid
                yield entry.msgid_plural
                yield entry.msgstr
                yield from entry.msgstr_plural.values()


def test_no_page_and_no_mail_frames_a_loss():
    read = templates()

    found = {path.name: frames_a_loss(path.read_text()) for path in read}

    assert len(read) > 200
    assert {name: words for name, words in found.items() if words} == {}


def test_no_sentence_frames_a_loss():
    said = list(sentences())

    found = {text: frames_a_loss(text) for text in said}

    assert len(said) > 5000
    assert {text: words for text, words in found.items() if words} == {}


@pytest.mark.parametrize(
    "text",
    [
        *("Last chance: take it today!", "You will lose 300 points.", "Only 3 left!"),
        *("Don't miss our event", "Keep going or lose your streak", "Hurry up"),
        *("Only {{ n }} left", "Your points are about to expire"),
        *("最后机会，立即兑换", "你即将失去 300 积分", "不要错过", "仅剩 3 件"),
        "积分即将过期",
    ],
)
def test_such_texts_are_found(text):
    assert frames_a_loss(text)


@pytest.mark.parametrize(
    "text",
    [
        *("The offer ends on Friday.", "Nothing is lost.", "None is left."),
        *("{# you will lose #}", "The last one has just been sold.", "本月还剩下 3 次"),
        *("Your points stay until 1 March.", "What you missed is here to read."),
    ],
)
def test_plain_facts_are_not(text):
    assert not frames_a_loss(text)
