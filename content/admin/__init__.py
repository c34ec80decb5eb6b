"""The editorial desk: the library, its courses, and the talk."""

from content.admin import (  # noqa: F401 - each registers
    appointments,
    assignments,
    certificates,
    checklists,
    courses,
    culture,
    discussions,
    duties,
    events,
    feedback,
    items,
    moderation,
    paid_questions,
    paths,
    polls,
    quizzes,
    ratings,
    search,
    surveys,
    tags,
)
