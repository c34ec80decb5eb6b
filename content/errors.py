"""Facts that can stop a service."""


class TopicClosed(Exception):
    """Nobody writes in a closed topic any more."""


class TooManyPosts(Exception):
    """More posts in a minute than a person writes."""
