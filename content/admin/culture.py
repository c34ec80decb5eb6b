"""Themes, themed weeks and good examples."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from community.lib.admin import ReadOnlyAdmin, TellsChanges
from content.models import GoodExample, Greeting, Prompt, Theme, ThemeWeek
from content.services import themes


class ThemeForm(forms.ModelForm):
    class Meta:
        model = Theme
        fields = ["answer"]

    def clean_answer(self):
        answer = self.cleaned_data["answer"].strip()
        if not answer:
            raise forms.ValidationError(_("Say why: the member reads it."))
        return answer


@admin.register(Theme)
class ThemeAdmin(ModelAdmin):
    """What members propose. Choosing one is making a week of it; the answer here
    declines it."""

    form = ThemeForm
    list_display = ["title", "vote_count", "state", "proposed_by", "created_at"]
    list_filter = ["state"]
    list_select_related = ["proposed_by"]
    search_fields = ["title", "why"]
    fields = ["title", "why", "proposed_by", "vote_count", "state", "answer"]
    readonly_fields = ["title", "why", "proposed_by", "vote_count", "state"]

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        may = super().has_change_permission(request, obj)
        return may and (obj is None or obj.is_open)

    def save_model(self, request, obj, form, change):
        themes.decline(theme=obj, by=request.user, answer=obj.answer)


class PromptInline(TabularInline):
    model = Prompt
    fields = ["day", "title", "text"]
    extra = 1

    def has_delete_permission(self, request, obj=None):
        return obj is None or not obj.prompts.exclude(topic=None).exists()


@admin.register(ThemeWeek)
class ThemeWeekAdmin(TellsChanges, ModelAdmin):
    list_display = ["title", "space", "starts_on", "host"]
    list_select_related = ["space", "host"]
    fields = ["title", "theme", "space", "host", "starts_on"]
    autocomplete_fields = ["host"]
    inlines = [PromptInline]

    def get_readonly_fields(self, request, obj=None):
        return ["theme"] if obj else []

    def formfield_for_foreignkey(self, db_field, request, **options):
        if db_field.name == "theme":
            options["queryset"] = Theme.objects.filter(state=Theme.State.PROPOSED)
        return super().formfield_for_foreignkey(db_field, request, **options)

    def save_model(self, request, obj, form, change):
        if change or obj.theme is None:
            super().save_model(request, obj, form, change)
            return
        made = themes.choose(
            theme=obj.theme,
            by=request.user,
            title=obj.title,
            space=obj.space,
            starts_on=obj.starts_on,
            host=obj.host,
        )
        obj.pk = made.pk


@admin.register(GoodExample)
class GoodExampleAdmin(TellsChanges, ModelAdmin):
    list_display = ["post", "why", "added_at"]
    list_select_related = ["post"]
    fields = ["post", "why"]
    raw_id_fields = ["post"]


@admin.register(Greeting)
class GreetingAdmin(ReadOnlyAdmin):
    list_display = ["newcomer", "by", "taken_at", "done_at"]
    list_select_related = ["newcomer", "by"]
