import datetime as dt

from celery import shared_task

from accounts.models import Activity
from content.models import SearchDocument
from content.services import (
    appointments,
    attendance,
    challenge_tickets,
    check_ins,
    checks,
    cohort_ends,
    cohort_spaces,
    cohorts,
    discussions,
    due_dates,
    duties,
    editorial,
    feedback,
    following,
    heat,
    live_state,
    outcomes,
    paid_questions,
    polls,
    quizzes,
    registrations,
    reminders,
    reports,
    search_index,
    series,
    surveys,
    themes,
)


@shared_task
def publish_due() -> None:
    editorial.publish_due()


@shared_task
def remind_of_checks() -> None:
    editorial.remind_of_checks()


@shared_task
def tell_who_begins() -> None:
    cohorts.tell_who_begins()


@shared_task
def remind_of_due_dates() -> None:
    due_dates.remind()


@shared_task
def close_cohorts() -> None:
    cohort_ends.close_due()


@shared_task
def let_out_who_may_not_learn() -> None:
    cohort_spaces.let_out_who_may_not_learn()


@shared_task
def post_due_prompts() -> None:
    themes.post_due_prompts()


@shared_task
def hand_in_overdue() -> None:
    quizzes.hand_in_overdue()


@shared_task
def close_due_polls() -> None:
    polls.close_due()


@shared_task
def index_documents(kind: SearchDocument.Kind, ids: list[int]) -> None:
    search_index.index(kind, ids)


@shared_task
def hide_the_storm(*, whole: bool) -> None:
    reports.hide_the_storm(whole=whole)


@shared_task
def measure_heat() -> None:
    heat.measure()


@shared_task
def tell_of_the_nameless() -> None:
    feedback.tell_of_the_nameless()


@shared_task
def forget_traces() -> None:
    checks.forget_traces()
    reports.forget_cleared_pages()


@shared_task
def show_author_anew(member_id: int) -> None:
    discussions.show_author_anew(member_id)


@shared_task
def tell_of_reply(post_id: int) -> None:
    following.tell_of_reply(post_id)
    check_ins.tell_of_answer(post_id)


@shared_task
def tell_of_topic(topic_id: int, *, everyone: bool) -> None:
    following.tell_of_topic(topic_id, everyone=everyone)


@shared_task
def assign_question(topic_id: int) -> None:
    duties.assign(topic_id)


@shared_task
def remind_of_questions() -> None:
    duties.remind()


@shared_task
def advance_paid_questions() -> None:
    paid_questions.advance()


@shared_task
def advance_appointments() -> None:
    appointments.advance()


@shared_task
def advance_registrations() -> None:
    registrations.advance()


@shared_task
def advance_challenge_tickets() -> None:
    challenge_tickets.advance()


@shared_task
def settle_attendance() -> None:
    attendance.settle_due()
    outcomes.tell_of_recordings()


@shared_task
def wind_up_event(event_id: int) -> None:
    registrations.wind_up(event_id)


@shared_task
def book_presence() -> None:
    live_state.book()


@shared_task
def make_occurrences() -> None:
    series.make_due()


@shared_task
def remind_of_events() -> None:
    reminders.remind_leaders_due()
    reminders.remind_due()


@shared_task
def advance_challenges() -> None:
    check_ins.remind()
    check_ins.finish_due()


@shared_task
def ask_after(activity_id: int, at: str) -> None:
    surveys.ask_after(
        Activity.objects.get(pk=activity_id, at=dt.datetime.fromisoformat(at))
    )
