"""Facts that can stop a service."""

from typing import Any


class TopicClosed(Exception):
    """Nobody writes in a closed topic any more."""


class PollOver(Exception):
    """Nobody votes any more."""


class PollChanged(Exception):
    """It is not what was looked at: changed, or voted in, meanwhile."""


class AlreadyVoted(Exception):
    """Theirs is counted, and stays as it is."""


class TooManyPosts(Exception):
    """More posts in a minute than a person writes."""


class TooManyThemes(Exception):
    """More proposals wait for an answer than one member may have."""


class NeedsALook(Exception):
    """Somebody would have to look first, and what this is cannot wait for that;
    `reasons` are those of `services.checks`."""

    def __init__(self, reasons: list[dict[str, Any]]):
        super().__init__(reasons)
        self.reasons = reasons


class ChangedMeanwhile(Exception):
    """Somebody else has saved since; `texts` is what they left."""

    def __init__(self, texts: dict[str, str]):
        super().__init__(texts)
        self.texts = texts


class NotAllowedNow(Exception):
    """The item is at a place of its way where this step does not begin."""


class NotReady(Exception):
    """What is missing before the item may go on; `points` says it to people."""

    def __init__(self, points: list[str]):
        super().__init__(points)
        self.points = points


class NotUsed(Exception):
    """Nobody judges what they have not used."""


class OwnWork(Exception):
    """Nobody judges what they wrote themselves."""


class LessonInUse(Exception):
    """Members have learnt from it: their progress would be lost with it."""


class NotFinished(Exception):
    """There is no certificate for what was not done to its end."""


class NotPassed(Exception):
    """The lesson is done when its quiz or its assignment is passed."""


class AlreadyHandedIn(Exception):
    """Another piece of work waits for its review, or has passed."""


class AlreadyReviewed(Exception):
    """Somebody else was quicker."""


class HandedInAgain(Exception):
    """The learner has sent another piece since: that one is to be decided on."""


class CertificateRevoked(Exception):
    """Theirs was revoked; only an operator allows another."""


class NoMoreAttempts(Exception):
    """As often as the quiz may be tried, it was tried."""


class NothingToAsk(Exception):
    """The quiz has no questions yet."""


class NotInCohort(Exception):
    """They do not learn in it."""


class CohortFull(Exception):
    """Every place in the cohort is taken."""


class CohortOver(Exception):
    """The cohort's last day is past."""


class CohortInUse(Exception):
    """Somebody learns in the cohort."""


class NeedsItself(Exception):
    """Through what it needs, a course would have to be finished before it is begun."""


class TooManyTags(Exception):
    """More, or longer ones, than say what an item is about."""


class TooManyDrafts(Exception):
    """More begun than anybody finishes."""


class NoRoom(Exception):
    """Says in the reader's language what is full."""


class UploadGone(Exception):
    """It was ended meanwhile, or another form has taken it."""


class WrongOffset(Exception):
    """The piece does not begin where the last one ended, which is at `arrived`."""

    def __init__(self, arrived: int):
        super().__init__(arrived)
        self.arrived = arrived


class TooMuch(Exception):
    """More has come than was announced."""


class TooManyPictures(Exception):
    """More than the texts of one thing need."""


class NotAskedAgain(Exception):
    """They declined to write it, or left it, not long ago."""


class TooManyInvitations(Exception):
    """More people asked in a day than anybody writes with."""


class RulesNotAgreed(Exception):
    """A version of the rules is in force that the member has yet to agree to."""


class TooManyReports(Exception):
    """More reports in a day than one person sees wrongs."""


class ClosedAlready(Exception):
    """Somebody else has decided on the case."""


class TakenByOther(Exception):
    """Somebody else looks at the case just now."""


class TooLateToUndo(Exception):
    """What was decided can no longer be undone in one step."""


class TooSoon(Exception):
    """In slow mode they have to wait these `seconds` before they post again."""

    def __init__(self, seconds: int):
        super().__init__(seconds)
        self.seconds = seconds


class TooManyPinned(Exception):
    """As many topics as a space has room for at its top are pinned already."""


class NotHere(Exception):
    """What was asked for cannot be done with this topic, or with these posts."""


class NotMerged(NotHere):
    """A topic does not go into that other one; `why` is of `services.rearranging`."""

    def __init__(self, why: str):
        super().__init__(why)
        self.why = why


class NotTaken(Exception):
    """The expert takes no questions at the moment, or not for this kind of price."""


class NotAskedAnyMore(Exception):
    """The paid question is over, or its time is up."""


class AnswerBegun(Exception):
    """The expert is writing already."""


class TooManyFollowUps(Exception):
    """As many words more as an answer comes with were said."""


class RegistrationClosed(Exception):
    """The event takes no registrations: not yet, not any more, or not at all."""


class NotIncluded(Exception):
    """The event is for paying members."""


class NoSeatKept(Exception):
    """There is no seat kept for them, or not any more."""


class TooLateToCancel(Exception):
    """The event is over, or they came."""


class SeatsTaken(Exception):
    """More seats are `taken` than there are to be."""

    def __init__(self, taken: int):
        super().__init__(taken)
        self.taken = taken


class EventOver(Exception):
    """It was cancelled, or has taken place."""


class RoomClosed(Exception):
    """Nobody speaks in a live room before it opens, nor long after the event."""


class MutedHere(Exception):
    """The host has asked this member to listen in this room."""


class DecidedElsewhere(Exception):
    """Those who keep order in the community have decided it, or do; not who leads."""


class RuleMissesItsFirst(Exception):
    """The day of the event is none of those that the rule names."""


class TooEarlyInSeries(Exception):
    """It would come before the event of its series that precedes it."""


class LastsTooLong(Exception):
    """What lasts longer than a week does not come again every week."""


class ChallengeClosed(Exception):
    """Nobody joins it: it is not out, cancelled or over."""


class ChallengeFull(Exception):
    """Every place of the challenge, or of the team, is taken."""


class ChallengeBegun(Exception):
    """Somebody checked in: its days and rules stay as they are."""


class CheckedInAlready(Exception):
    """For this day they have, with other words."""


class DayClosed(Exception):
    """For this day one cannot check in now."""


class ZoneMovedLately(Exception):
    """The time zone of one's days was changed within the week."""


class TooEarly(Exception):
    """The event is too far away for anybody to come to it."""


class AlreadyCounted(Exception):
    """It was counted who came; what followed from it stands."""


class NotThere(Exception):
    """Only who came to it can judge it."""


class NotYetOver(Exception):
    """It has not taken place."""


class NotOpen(Exception):
    """No cases are taken: it is none of those events, or it has begun."""


class TooManyProposals(Exception):
    """As many cases as one member may propose for an event are proposed."""


class DiscussedAlready(Exception):
    """There is a topic about it."""


class SlotTaken(Exception):
    """That hour cannot be had: somebody has it, or it is not offered."""


class NotStanding(Exception):
    """The appointment is not, or not any more, as that would need it to be."""


class TooManyUnpaid(Exception):
    """Other hours are kept for them already, and not paid."""
