"""The editorial desk: the library, its courses, and the talk."""

from content.admin import (  # noqa: F401 - each registers
    assignments,
    certificates,
    checklists,
    courses,
    discussions,
    items,
    paid_questions,
    paths,
    quizzes,
    ratings,
    search,
    tags,
)
