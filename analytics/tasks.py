from celery import shared_task


@shared_task
def mark_new_posts() -> None:
    from analytics.services.triage import mark_new_posts

    mark_new_posts()
