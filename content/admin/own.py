"""What mentors write: theirs to change, for reviewers and planners to see."""

from unfold.admin import ModelAdmin

from content import access
from content.models import Item


def mine(rows, request, author):
    """What may be changed: operators everything, mentors what they wrote."""
    return rows if request.user.is_operator else rows.filter(**{author: request.user})


def to_write(rows, request, item=""):
    """What something may be put under: as in the studio, nothing that editors look at
    or that left the library. `item` is the way to the item, ending in `__`."""
    closed = {Item.State.ARCHIVED}
    if not request.user.is_operator:
        closed |= {Item.State.SUBMITTED, Item.State.IN_REVIEW}
    rows = rows.exclude(**{f"{item}state__in": closed})
    return mine(rows, request, f"{item}author")


class OwnAdmin(ModelAdmin):
    """For what mentors write: theirs alone, for reviewers and planners to see.

    Who is a mentor and a reviewer gets no pen for the courses of others.
    """

    author = "author"

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        sees_all = request.user.is_reviewer or request.user.is_planner
        return rows if sees_all else mine(rows, request, self.author)

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and self._may(request, obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and self._may(request, obj)

    def _may(self, request, obj):
        """As in the studio: while editors look at it, its author waits."""
        if obj is None or request.user.is_operator:
            return True
        item = obj
        for name in self.author.split("__")[:-1]:
            item = getattr(item, name)
        own = item.author_id == request.user.pk
        return own and access.may_write(request.user, item)
