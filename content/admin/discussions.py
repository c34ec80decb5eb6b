"""The talk: what is hidden, closed, and why."""

from django import forms
from django.contrib import admin
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminSelectWidget

from accounts.admin.decisions import ReasonForm
from accounts.models import Rule
from accounts.services import rules
from community.lib.admin import AsBefore, ask_first_of_rows
from content.models import Post, Topic
from content.services import discussions, moderation


class HideForm(ReasonForm):
    rule = forms.ModelChoiceField(
        label=_("Rule"),
        queryset=Rule.objects.none(),
        required=False,
        empty_label=_("None"),
        widget=UnfoldAdminSelectWidget,
    )

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        in_force = [rule.pk for rule in rules.rules_in_force(get_language())]
        self.fields["rule"].queryset = Rule.objects.filter(pk__in=in_force)


def _hide(post, request, data):
    if not moderation.hide_post(post=post, by=request.user, **data):
        raise AsBefore(_("It was hidden already."))


@admin.register(Topic)
class TopicAdmin(ModelAdmin):
    list_display = [
        "title",
        "kind",
        "author",
        "reply_count",
        "last_post_at",
        "hidden_at",
    ]
    list_filter = ["kind", "space", "created_at"]
    list_select_related = ["author"]
    search_fields = ["title", "author__name"]
    fields = ["title", "kind", "author", "space", "item", "created_at", "hidden_reason"]
    readonly_fields = fields
    actions = ["hide", "show", "close", "reopen"]
    show_full_result_count = False

    def get_queryset(self, request):
        """Whoever keeps order does so where they may read."""
        topics = super().get_queryset(request)
        visible = Topic.objects.visible_to(request.user)
        return topics if request.user.is_operator else topics.filter(pk__in=visible)

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False  # hidden, so that numbers and reasons stay

    @admin.action(description=_("Hide"), permissions=["change"])
    def hide(self, request, queryset):
        return ask_first_of_rows(
            request,
            admin=self,
            rows=queryset,
            form_class=HideForm,
            title=_("Hide"),
            act=lambda topic, data: _hide(topic.posts.get(number=1), request, data),
        )

    @admin.action(description=_("Show again"), permissions=["change"])
    def show(self, request, queryset):
        for topic in queryset:
            moderation.show_post(post=topic.posts.get(number=1), by=request.user)
            self.log_change(request, topic, "Shown again")

    @admin.action(description=_("Close"), permissions=["change"])
    def close(self, request, queryset):
        for topic in queryset:
            discussions.close_topic(topic=topic)
            self.log_change(request, topic, "Closed")

    @admin.action(description=_("Open again"), permissions=["change"])
    def reopen(self, request, queryset):
        for topic in queryset:
            discussions.reopen_topic(topic=topic)
            self.log_change(request, topic, "Opened again")


@admin.register(Post)
class PostAdmin(ModelAdmin):
    list_display = ["topic", "number", "author", "created_at", "hidden_at"]
    list_filter = ["created_at"]
    list_select_related = ["topic", "author"]
    search_fields = ["body", "author__name", "topic__title"]
    fields = ["topic", "number", "author", "body", "created_at", "hidden_reason"]
    readonly_fields = fields
    actions = ["hide", "show"]
    show_full_result_count = False

    def get_queryset(self, request):
        posts = super().get_queryset(request)
        visible = Topic.objects.visible_to(request.user)
        return posts if request.user.is_operator else posts.filter(topic__in=visible)

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.action(description=_("Hide"), permissions=["change"])
    def hide(self, request, queryset):
        return ask_first_of_rows(
            request,
            admin=self,
            rows=queryset.select_related("topic"),
            form_class=HideForm,
            title=_("Hide"),
            act=lambda post, data: _hide(post, request, data),
            say=lambda it: f"{it.topic} · {it.number} · {it.body[:80]}",
        )

    @admin.action(description=_("Show again"), permissions=["change"])
    def show(self, request, queryset):
        for post in queryset.select_related("topic"):
            moderation.show_post(post=post, by=request.user)
            self.log_change(request, post, "Shown again")
