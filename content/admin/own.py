"""What mentors write: theirs to change, for reviewers and planners to see."""

from unfold.admin import ModelAdmin

from content import access


def mine(rows, request, author):
    """What may be changed: operators everything, mentors what they wrote."""
    return rows if request.user.is_operator else rows.filter(**{author: request.user})


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
