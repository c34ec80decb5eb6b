import numpy as np
import pytest

from community.demo.simulator import Catalogue, Deed, Responds, simulate

CATALOGUE = Catalogue(
    lessons=np.array([6, 7, 5, 8]),
    interest=np.array([0, 1, 0, 1]),
    free=np.array([True, False, False, True]),
)


def live(seed=1, members=2000, days=200):
    rng = np.random.default_rng(seed)
    return simulate(rng, members=members, days=days, catalogue=CATALOGUE, interests=2)


@pytest.fixture(scope="module")
def history():
    return live()


def test_the_same_seed_lives_the_same_life(history):
    again = live()

    np.testing.assert_array_equal(history.member, again.member)
    np.testing.assert_array_equal(history.what, again.what)


def test_nobody_acts_before_joining_or_after_leaving(history):
    assert np.all(history.day >= history.joined[history.member])
    assert np.all(history.day <= history.left[history.member])


def test_every_lesson_is_done_at_most_once_by_a_member(history):
    done = history.deed == Deed.DO_LESSON
    pairs = np.column_stack([history.member[done], history.what[done]])

    assert len(np.unique(pairs, axis=0)) == done.sum()


def test_a_reply_answers_a_topic_of_the_past(history):
    starts = history.deed == Deed.START_TOPIC
    started = dict(zip(history.what[starts], history.day[starts], strict=True))
    replies = history.deed == Deed.REPLY

    for topic, day in zip(history.what[replies], history.day[replies], strict=True):
        assert started[topic] <= day


def test_members_learn_mostly_what_interests_them(history):
    viewed = history.deed == Deed.VIEW_LESSON
    course = np.repeat(np.arange(4), CATALOGUE.lessons)[history.what[viewed]]
    own = CATALOGUE.interest[course] == history.truth.interest[history.member[viewed]]

    assert own.mean() > 0.7


def test_only_those_who_respond_to_lessons_return_more_after_them(history):
    """The truth shows in the plain data: return rate in the week after a lesson."""
    day, member = history.day, history.member
    visits = set(
        zip(
            member[history.deed == Deed.VISIT].tolist(),
            day[history.deed == Deed.VISIT].tolist(),
            strict=True,
        )
    )
    lessons = history.deed == Deed.DO_LESSON

    def return_rate(kind):
        chosen = lessons & (history.truth.responds[member] == kind) & (day < 190)
        back = [
            any((m, d + k) in visits for k in range(1, 8))
            for m, d in zip(member[chosen].tolist(), day[chosen].tolist(), strict=True)
        ]
        return np.mean(back)

    assert return_rate(Responds.LESSONS) > return_rate(Responds.NOTHING) + 0.03


def test_an_empty_community_is_refused():
    with pytest.raises(ValueError, match="at least one member"):
        live(members=0)
