import datetime as dt

from celery import shared_task

from accounts.models import Activity
from content.models import SearchDocument
from content.services import cohorts, editorial, quizzes, search_index, surveys


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
def hand_in_overdue() -> None:
    quizzes.hand_in_overdue()


@shared_task
def index_documents(kind: SearchDocument.Kind, ids: list[int]) -> None:
    search_index.index(kind, ids)


@shared_task
def ask_after(activity_id: int, at: str) -> None:
    surveys.ask_after(
        Activity.objects.get(pk=activity_id, at=dt.datetime.fromisoformat(at))
    )
