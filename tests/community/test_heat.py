"""How heated a talk is, against talks that people have labelled."""

import tomllib
from itertools import accumulate
from pathlib import Path

import pytest

from community.lib.heat import Said, heat_of, heated_in, is_loud, said_in

TALKS = tomllib.loads(
    (Path(__file__).parents[1] / "content/heated_talks.toml").read_text("utf-8")
)["talk"]


def said(posts):
    minutes = accumulate(gap for _who, gap, _text in posts)
    return [
        Said(ord(who), minute, text)
        for (who, _gap, text), minute in zip(posts, minutes, strict=True)
    ]


def quarrel(posts=8, gap=1, text="You are an idiot."):
    return [Said(at % 2, at * gap, text) for at in range(posts)]


def judged(half):
    """(precision, recall, share that is heated) of what is found heated."""
    talks = [talk for talk in TALKS if talk["half"] == half]
    heated = [talk["label"] == "heated" for talk in talks]
    found = [heat_of(said(talk["posts"])).is_heated for talk in talks]
    right = sum(a and b for a, b in zip(heated, found, strict=True))
    return right / sum(found), right / sum(heated), sum(heated) / len(talks)


def test_the_labelled_talks_are_many_and_of_every_kind():
    for half in ("dev", "test"):
        labels = [talk["label"] for talk in TALKS if talk["half"] == half]
        assert len(labels) >= 20
        assert set(labels) == {"calm", "lively", "heated"}


def test_talks_it_has_not_seen_are_found_far_better_than_by_chance():
    precision, recall, base = judged("test")
    assert precision >= 0.85 > 1.5 * base
    assert recall >= 0.6


def test_a_quarrel_is_heated_and_fast():
    heat = heat_of(quarrel())
    assert heat.is_heated
    assert heat.is_fast
    assert heat.words == 1


def test_the_same_words_hours_apart_ask_for_no_slow_mode():
    heat = heat_of(quarrel(gap=30))
    assert heat.is_heated
    assert not heat.is_fast


def test_pace_and_shouting_without_an_angry_word_are_not_heat():
    heat = heat_of(quarrel(posts=20, text="HAPPY NEW YEAR EVERYBODY!!!"))
    assert heat.pace == heat.shouting == 1
    assert not heat.is_heated


def test_one_angry_word_in_a_long_talk_is_not_heat():
    calm = quarrel(posts=15, gap=10, text="I see it differently.")
    assert not heat_of([*calm, Said(1, 160, "You are an idiot.")]).is_heated


def test_reports_alone_are_heat_once_they_weigh_enough():
    calm = quarrel(posts=3, gap=20, text="I see it differently.")
    assert not heat_of(calm, reports=1).is_heated
    assert heat_of(calm, reports=2).is_heated


def test_a_talk_that_is_always_fast_is_less_fast_by_it():
    assert heat_of(quarrel(), usual=1).pace < heat_of(quarrel(), usual=60).pace == 1


def test_many_people_answering_are_a_party():
    party = [Said(at % 10 // 2 * 2 + at % 2, at, "Hello") for at in range(30)]
    assert heat_of(party).pace <= heat_of(quarrel(posts=30, text="Hello")).pace


@pytest.mark.parametrize(
    "text", ["", " ", "\x00", "!!", "OK", "a" * 20_000, "好" * 9000]
)
def test_any_text_has_a_heat_between_none_and_all(text):
    heat = heat_of([Said(1, 0, text)])
    assert 0 <= heat.whole <= 1
    assert heat_of([]).whole == 0


def test_words_are_found_as_words():
    assert heated_in("你闭嘴!") >= 1
    assert heated_in("You are IDIOTS") >= 1
    assert heated_in("滚动条怎么操作") == 0
    assert heated_in("The clownfish lives in an anemone.") == 0


def test_what_is_quoted_is_not_said():
    assert heated_in(said_in("> you idiot\n\nWhy would somebody write this?")) == 0
    assert heated_in(said_in("`fool` is a variable")) == 0
    assert heated_in(said_in("> hello\nyou idiot")) >= 1


def test_capitals_are_loud_in_a_row_only():
    assert is_loud("I TOLD YOU SO")
    assert is_loud("真的吗???")
    assert not is_loud("The NASA and the ESA agree.")
