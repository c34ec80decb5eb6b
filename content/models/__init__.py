from content.models.assignments import Assignment, EarlierReview, HandedIn
from content.models.captions import Captions
from content.models.certificates import Certificate
from content.models.cohorts import Cohort, Withdrawal
from content.models.courses import Enrolment, Lesson, LessonProgress, Section
from content.models.discussions import Post, PostLike, ReadMarker, Topic
from content.models.editorial import (
    ChecklistPoint,
    ChecklistTick,
    EditorialStep,
    OutdatedFlag,
    Publication,
    ReturnReason,
)
from content.models.files import ItemFile
from content.models.items import Item
from content.models.kinds import CaseStudy, News, Recording, Report
from content.models.notes import LessonNote
from content.models.paths import LearningPath, PathStep
from content.models.pictures import Picture
from content.models.played import FilePosition
from content.models.podcasts import PodcastAddress
from content.models.prerequisites import Prerequisite
from content.models.quizzes import (
    Attempt,
    AttemptAnswer,
    MoreAttempts,
    Question,
    Quiz,
    QuizQuestion,
)
from content.models.ratings import HelpfulVote, QualityMark, Rating
from content.models.rendering import Rendering
from content.models.revisions import CoAuthor, CoAuthorInvitation, Draft, Revision
from content.models.search import (
    SearchDay,
    SearchDocument,
    SearchMark,
    SearchSynonyms,
    SearchWord,
)
from content.models.tags import TagRefusal, TagSynonym
from content.models.themes import Prompt, Theme, ThemeVote, ThemeWeek
from content.models.uploads import Upload
from content.models.watching import Watched
from content.models.welcoming import GoodExample, Greeting

__all__ = [
    "Assignment",
    "Attempt",
    "AttemptAnswer",
    "Captions",
    "CaseStudy",
    "Certificate",
    "ChecklistPoint",
    "ChecklistTick",
    "CoAuthor",
    "CoAuthorInvitation",
    "Cohort",
    "Draft",
    "EarlierReview",
    "EditorialStep",
    "Enrolment",
    "FilePosition",
    "GoodExample",
    "Greeting",
    "HandedIn",
    "HelpfulVote",
    "Item",
    "ItemFile",
    "LearningPath",
    "Lesson",
    "LessonNote",
    "LessonProgress",
    "MoreAttempts",
    "News",
    "OutdatedFlag",
    "PathStep",
    "Picture",
    "PodcastAddress",
    "Post",
    "PostLike",
    "Prerequisite",
    "Prompt",
    "Publication",
    "QualityMark",
    "Question",
    "Quiz",
    "QuizQuestion",
    "Rating",
    "ReadMarker",
    "Recording",
    "Rendering",
    "Report",
    "ReturnReason",
    "Revision",
    "SearchDay",
    "SearchDocument",
    "SearchMark",
    "SearchSynonyms",
    "SearchWord",
    "Section",
    "TagRefusal",
    "TagSynonym",
    "Theme",
    "ThemeVote",
    "ThemeWeek",
    "Topic",
    "Upload",
    "Watched",
    "Withdrawal",
]
