from content.models.discussions import Post, PostLike, ReadMarker, Topic
from content.models.items import Item

__all__ = ["Item", "Post", "PostLike", "ReadMarker", "Topic"]
