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
from content.models.feedback import (
    Feedback,
    FeedbackArea,
    FeedbackReply,
    FeedbackReport,
    FeedbackStep,
    FeedbackSubject,
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
from content.models.suggestions import Change, Suggestion, SuggestionVote
from content.models.surveys import (
    Asked,
    Survey,
    SurveyAnswer,
    SurveyRefusal,
    SurveyReport,
)
from content.models.tags import TagRefusal, TagSynonym
from content.models.uploads import Upload
from content.models.watching import Watched

__all__ = [
    "Asked",
    "Assignment",
    "Attempt",
    "AttemptAnswer",
    "Captions",
    "CaseStudy",
    "Certificate",
    "Change",
    "ChecklistPoint",
    "ChecklistTick",
    "CoAuthor",
    "CoAuthorInvitation",
    "Cohort",
    "Draft",
    "EarlierReview",
    "EditorialStep",
    "Enrolment",
    "Feedback",
    "FeedbackArea",
    "FeedbackReply",
    "FeedbackReport",
    "FeedbackStep",
    "FeedbackSubject",
    "FilePosition",
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
    "Suggestion",
    "SuggestionVote",
    "Survey",
    "SurveyAnswer",
    "SurveyRefusal",
    "SurveyReport",
    "TagRefusal",
    "TagSynonym",
    "Topic",
    "Upload",
    "Watched",
    "Withdrawal",
]
