from content.models.courses import Enrolment, Lesson, LessonProgress, Section
from content.models.discussions import Post, PostLike, ReadMarker, Topic
from content.models.files import ItemFile
from content.models.items import Item
from content.models.kinds import CaseStudy, News, Recording, Report

__all__ = [
    "CaseStudy",
    "Enrolment",
    "Item",
    "ItemFile",
    "Lesson",
    "LessonProgress",
    "News",
    "Post",
    "PostLike",
    "ReadMarker",
    "Recording",
    "Report",
    "Section",
    "Topic",
]
