"""Watched words are found as words, whatever they are dressed in."""

import pytest

from community.lib.prints import are_near, print_of
from community.lib.watched import watch


def found(words, text):
    return [(hit.word, text[hit.start : hit.end]) for hit in watch(words).hits(text)]


@pytest.mark.parametrize(
    ("word", "text", "place"),
    [
        ("出售", "我出售二手书", "出售"),
        ("微信", "加我微 信吧", "微 信"),
        ("微信", "加我微\u200b信吧", "微\u200b信"),
        ("加vx", "请加ＶＸ：abc", "加ＶＸ"),
        ("casino", "The CASINO, again", "CASINO"),
        ("buy now", "Buying  now!", "Buying  now"),
    ],
)
def test_a_word_is_found_where_it_stands(word, text, place):
    assert found([(word, True)], text) == [(word, place)]


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("出售", "这里演出售票"),
        ("ass", "We pass the class"),
        ("微信", "他说得很微，信不信由你"),
        ("buy now", "What I buy. Now I go."),
    ],
)
def test_nothing_is_found_inside_other_words_or_across_sentences(word, text):
    assert found([(word, True)], text) == []


def test_other_forms_are_found_only_where_they_are_meant():
    assert found([("bet", False)], "Bets and a bet") == [("bet", "bet")]
    assert len(found([("bet", True)], "Bets and a bet")) == 2


def test_near_texts_have_near_prints_and_others_have_not():
    text = "Join our great group today and earn much money at home without any work"
    near = text.replace("great", "GREAT!!!") + " www.bad.example/123 4567"
    other = "I wonder how you all keep notes of what you read, and if you come back"

    assert are_near(print_of(text), print_of(near))
    assert not are_near(print_of(text), print_of(other))
    assert print_of("谢谢，很有帮助！") is None
