"""The editorial desk: the library, its courses, and the talk."""

from content.admin import (  # noqa: F401 - each registers
    assignments,
    certificates,
    checklists,
    courses,
    culture,
    discussions,
    items,
    paths,
    quizzes,
    ratings,
    search,
    tags,
)
