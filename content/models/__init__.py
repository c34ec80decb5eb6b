from content.models.items import Item

__all__ = ["Item"]
