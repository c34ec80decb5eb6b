from content.models.courses import Enrolment, Lesson, LessonProgress, Section
from content.models.discussions import Post, PostLike, ReadMarker, Topic
from content.models.items import Item

__all__ = [
    "Enrolment",
    "Item",
    "Lesson",
    "LessonProgress",
    "Post",
    "PostLike",
    "ReadMarker",
    "Section",
    "Topic",
]
