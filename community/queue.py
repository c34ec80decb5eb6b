"""The queue of tasks in Redis, where Celery alone does not look after it."""

from community.celery import app


def return_unfinished() -> int:
    """Give back the tasks that a killed worker had fetched; return how many.

    Redis would hand them out again only after hours (the visibility timeout). Safe
    while no worker runs: `make run` calls it before it starts its only one.
    """
    with app.connection_for_write() as connection, connection.channel() as channel:
        tags = channel.client.zrange(channel.unacked_index_key, 0, -1)
        for tag in tags:
            channel.qos.restore_by_tag(tag, client=channel.client)
    return len(tags)
