from content.models.answers import AcceptedAnswer, AnswerVote
from content.models.appointments import (
    Appointment,
    Availability,
    AvailabilityException,
    Consultation,
    ExpertCalendar,
    TimeCell,
)
from content.models.assignments import Assignment, EarlierReview, HandedIn
from content.models.bookmarks import Bookmark
from content.models.captions import Captions
from content.models.case_proposals import CaseProposal
from content.models.certificates import Certificate
from content.models.challenge_tickets import ChallengeTicket
from content.models.challenges import (
    Challenge,
    ChallengeMember,
    ChallengeTask,
    ChallengeTeam,
    CheckIn,
)
from content.models.cohorts import (
    Cohort,
    DueDate,
    Introduction,
    Nudge,
    Withdrawal,
)
from content.models.courses import Enrolment, Lesson, LessonProgress, Section
from content.models.discussions import Post, PostLike, ReadMarker, Topic
from content.models.door import DoorHelper
from content.models.duties import DutyDeclined, QuestionDuty
from content.models.editorial import (
    ChecklistPoint,
    ChecklistTick,
    EditorialStep,
    OutdatedFlag,
    Publication,
    ReturnReason,
)
from content.models.events import (
    AgendaEntry,
    CalendarAddress,
    Event,
    EventMaterial,
    Speaker,
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
from content.models.following import SpaceReader, Stance, TopicFollow
from content.models.heat import TopicHeat
from content.models.items import Item
from content.models.kinds import CaseStudy, News, Recording, Report
from content.models.live import (
    LiveBallot,
    LiveMessage,
    LiveMute,
    LivePoll,
    LiveQuestion,
    LiveQuestionVote,
    LiveRoom,
)
from content.models.moderation import (
    CannedReason,
    Case,
    Decision,
    KnownDomain,
    ModerationPolicy,
    PostReport,
    TextTrace,
    WatchedWord,
)
from content.models.notes import LessonNote
from content.models.outcomes import EventOutcome, EventRating
from content.models.paid_questions import (
    AskingTerms,
    FollowUp,
    PaidQuestion,
    ReadAlong,
)
from content.models.paths import LearningPath, PathStep
from content.models.pictures import Picture
from content.models.played import FilePosition
from content.models.podcasts import PodcastAddress
from content.models.polls import Ballot, Poll
from content.models.post_files import PostFile
from content.models.post_revisions import PostRevision
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
from content.models.reactions import Reaction
from content.models.rearrangements import Rearrangement
from content.models.registrations import Registration
from content.models.rendering import Rendering
from content.models.revisions import CoAuthor, CoAuthorInvitation, Draft, Revision
from content.models.search import (
    SearchDay,
    SearchDocument,
    SearchMark,
    SearchSynonyms,
    SearchWord,
)
from content.models.series import EventReminder, EventSeries, SeriesGuest
from content.models.suggestions import Change, Suggestion, SuggestionVote
from content.models.surveys import (
    Asked,
    Survey,
    SurveyAnswer,
    SurveyRefusal,
    SurveyReport,
)
from content.models.tags import TagRefusal, TagSynonym
from content.models.themes import Prompt, Theme, ThemeVote, ThemeWeek
from content.models.uploads import Upload
from content.models.watching import Watched
from content.models.welcoming import GoodExample, Greeting

__all__ = [
    "AcceptedAnswer",
    "AgendaEntry",
    "AnswerVote",
    "Appointment",
    "Asked",
    "AskingTerms",
    "Assignment",
    "Attempt",
    "AttemptAnswer",
    "Availability",
    "AvailabilityException",
    "Ballot",
    "Bookmark",
    "CalendarAddress",
    "CannedReason",
    "Captions",
    "Case",
    "CaseProposal",
    "CaseStudy",
    "Certificate",
    "Challenge",
    "ChallengeMember",
    "ChallengeTask",
    "ChallengeTeam",
    "ChallengeTicket",
    "Change",
    "CheckIn",
    "ChecklistPoint",
    "ChecklistTick",
    "CoAuthor",
    "CoAuthorInvitation",
    "Cohort",
    "Consultation",
    "Decision",
    "DoorHelper",
    "Draft",
    "DueDate",
    "DutyDeclined",
    "EarlierReview",
    "EditorialStep",
    "Enrolment",
    "Event",
    "EventMaterial",
    "EventOutcome",
    "EventRating",
    "EventReminder",
    "EventSeries",
    "ExpertCalendar",
    "Feedback",
    "FeedbackArea",
    "FeedbackReply",
    "FeedbackReport",
    "FeedbackStep",
    "FeedbackSubject",
    "FilePosition",
    "FollowUp",
    "GoodExample",
    "Greeting",
    "HandedIn",
    "HelpfulVote",
    "Introduction",
    "Item",
    "ItemFile",
    "KnownDomain",
    "LearningPath",
    "Lesson",
    "LessonNote",
    "LessonProgress",
    "LiveBallot",
    "LiveMessage",
    "LiveMute",
    "LivePoll",
    "LiveQuestion",
    "LiveQuestionVote",
    "LiveRoom",
    "ModerationPolicy",
    "MoreAttempts",
    "News",
    "Nudge",
    "OutdatedFlag",
    "PaidQuestion",
    "PathStep",
    "Picture",
    "PodcastAddress",
    "Poll",
    "Post",
    "PostFile",
    "PostLike",
    "PostReport",
    "PostRevision",
    "Prerequisite",
    "Prompt",
    "Publication",
    "QualityMark",
    "Question",
    "QuestionDuty",
    "Quiz",
    "QuizQuestion",
    "Rating",
    "Reaction",
    "ReadAlong",
    "ReadMarker",
    "Rearrangement",
    "Recording",
    "Registration",
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
    "SeriesGuest",
    "SpaceReader",
    "Speaker",
    "Stance",
    "Suggestion",
    "SuggestionVote",
    "Survey",
    "SurveyAnswer",
    "SurveyRefusal",
    "SurveyReport",
    "TagRefusal",
    "TagSynonym",
    "TextTrace",
    "Theme",
    "ThemeVote",
    "ThemeWeek",
    "TimeCell",
    "Topic",
    "TopicFollow",
    "TopicHeat",
    "Upload",
    "Watched",
    "WatchedWord",
    "Withdrawal",
]
