from celery import shared_task

from content.services import editorial


@shared_task
def publish_due() -> None:
    editorial.publish_due()


@shared_task
def remind_of_checks() -> None:
    editorial.remind_of_checks()
