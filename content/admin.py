"""The editorial desk: courses with their sections and lessons, and the talk."""

from django.contrib import admin, messages
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.widgets import INPUT_CLASSES

from accounts.models import Space
from community.lib import markdown
from community.lib.admin import ReadOnlyAdmin
from content.models import Enrolment, Item, Lesson, Post, Section, Topic
from content.services import discussions


def _mine(rows, request, author):
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
        return rows if sees_all else _mine(rows, request, self.author)

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and self._may(request, obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and self._may(request, obj)

    def _may(self, request, obj):
        if obj is None or request.user.is_operator:
            return True
        own = _mine(self.model.objects.filter(pk=obj.pk), request, self.author)
        return own.exists()


class SectionInline(TabularInline):
    model = Section
    extra = 1


@admin.register(Item)
class ItemAdmin(OwnAdmin):
    list_display = ["title", "kind", "access", "author", "published_at"]
    list_filter = ["kind", "access", "language", "space"]
    list_select_related = ["author"]
    search_fields = ["title", "summary"]
    autocomplete_fields = ["author", "space"]
    prepopulated_fields = {"slug": ["title"]}
    inlines = [SectionInline]
    fields = [
        *("kind", "title", "slug", "summary", "description", "tags", "language"),
        *("author", "space", "access", "included_in_membership", "published_at"),
    ]
    actions = ["publish"]
    show_full_result_count = False

    def get_readonly_fields(self, request, obj=None):
        return [] if request.user.is_operator else ["author"]

    def get_form(self, request, obj=None, **kwargs):
        form = super().get_form(request, obj, **kwargs)
        if "tags" in form.base_fields:  # taggit's own widget knows no theme
            form.base_fields["tags"].widget.attrs["class"] = " ".join(INPUT_CLASSES)
        return form

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "space" and not request.user.is_operator:
            kwargs["queryset"] = Space.objects.visible_to(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request, obj, form, change):
        obj.description_html = markdown.render(obj.description)
        if not obj.author_id and not request.user.is_operator:
            obj.author = request.user
        super().save_model(request, obj, form, change)

    @admin.action(description=_("Publish now"), permissions=["change"])
    def publish(self, request, queryset):
        mine = _mine(queryset, request, "author")
        number = mine.filter(published_at=None).update(published_at=timezone.now())
        text = ngettext("%(number)d published.", "%(number)d published.", number)
        self.message_user(request, text % {"number": number}, messages.SUCCESS)


class LessonInline(StackedInline):
    model = Lesson
    extra = 1
    fields = [
        *("title", "kind", "position", "minutes", "is_preview", "media", "body"),
    ]


@admin.register(Section)
class SectionAdmin(OwnAdmin):
    list_display = ["title", "item", "position"]
    list_select_related = ["item"]
    search_fields = ["title", "item__title"]
    autocomplete_fields = ["item"]
    inlines = [LessonInline]
    author = "item__author"

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "item":
            kwargs["queryset"] = _mine(Item.objects.all(), request, "author")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_formset(self, request, form, formset, change):
        for lesson in formset.save(commit=False):
            lesson.body_html = markdown.render(lesson.body)
            lesson.save()
        for gone in formset.deleted_objects:
            gone.delete()
        formset.save_m2m()


@admin.register(Lesson)
class LessonAdmin(OwnAdmin):
    list_display = ["title", "section", "kind", "position", "minutes", "is_preview"]
    list_filter = ["kind", "is_preview"]
    list_select_related = ["section__item"]
    search_fields = ["title", "section__item__title"]
    autocomplete_fields = ["section"]
    author = "section__item__author"

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "section":
            kwargs["queryset"] = _mine(Section.objects.all(), request, "item__author")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request, obj, form, change):
        obj.body_html = markdown.render(obj.body)
        super().save_model(request, obj, form, change)


@admin.register(Enrolment)
class EnrolmentAdmin(ReadOnlyAdmin):
    list_display = ["member", "item", "started_at", "last_at", "done_at"]
    list_filter = ["item"]
    list_select_related = ["member", "item"]
    search_fields = ["member__name", "member__username", "item__title"]


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
    readonly_fields = ["title", "kind", "author", "space", "item", "created_at"]
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
        for topic in queryset:
            discussions.hide_topic(topic=topic, reason=topic.hidden_reason)
            self.log_change(request, topic, "Hidden")

    @admin.action(description=_("Show again"), permissions=["change"])
    def show(self, request, queryset):
        for topic in queryset:
            discussions.unhide_topic(topic=topic)
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
    readonly_fields = ["topic", "number", "author", "body", "created_at"]
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
        for post in queryset:
            discussions.hide_post(post=post, reason=post.hidden_reason, by=request.user)
            self.log_change(request, post, "Hidden")

    @admin.action(description=_("Show again"), permissions=["change"])
    def show(self, request, queryset):
        for post in queryset:
            discussions.unhide_post(post=post)
            self.log_change(request, post, "Shown again")
