from celery import shared_task

from content.models import SearchDocument
from content.services import cohorts, editorial, quizzes, search_index, themes


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
def post_due_prompts() -> None:
    themes.post_due_prompts()


@shared_task
def hand_in_overdue() -> None:
    quizzes.hand_in_overdue()


@shared_task
def index_documents(kind: SearchDocument.Kind, ids: list[int]) -> None:
    search_index.index(kind, ids)
