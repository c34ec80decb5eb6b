"""Topics and posts, made as the services make them but without their ceremony."""

from community.lib import markdown
from content.models import Post, Topic
from tests.factories.accounts import make_member, make_space

PARAGRAPHS = "First a *plain* sentence.\n\nThen a second one.\n\nAnd a third."


def make_topic(author=None, *, replies=0, body=PARAGRAPHS, **fields) -> Topic:
    """A topic with its opening post and, if wanted, replies by the same author."""
    author = author or make_member("author")
    if "item" not in fields and "space" not in fields:
        fields["space"] = make_space("talk")
    fields.setdefault("title", "How do you take notes?")
    topic = Topic.objects.create(author=author, **fields)
    for _ in range(replies + 1):
        make_post(topic, author, body=body)
    return topic


def make_post(topic, author, *, body=PARAGRAPHS, **fields) -> Post:
    """The next post of `topic`, stored with its HTML; counters move along."""
    topic.last_number += 1
    topic.reply_count = topic.last_number - 1
    topic.revision += 1
    post = Post.objects.create(
        topic=topic,
        number=topic.last_number,
        author=author,
        body=body,
        body_html=markdown.render(body),
        **fields,
    )
    topic.last_post_at = post.created_at
    topic.save()
    return post
