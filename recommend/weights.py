"""What each act says about interest, in one table. Changing it changes tonight."""

from accounts.models import Verb

WEIGHTS: dict[str, float] = {
    Verb.VIEWED: 1.0,
    Verb.CONSUMED: 1.0,
    Verb.INTERACTED: 1.5,
    Verb.WATCHED: 1.5,
    Verb.ENROLLED: 3.0,
    Verb.LESSON_DONE: 2.0,
    Verb.COURSE_DONE: 4.0,
    Verb.ITEM_READ: 2.0,
}
HALF_LIFE_DAYS = 180
# A member and an item count at most as this many of their strongest acts.
MOST_ACTS = 10
