"""Who should answer which question by when; the overdue first."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from content.models import QuestionDuty, Topic
from content.services import duties


class DutyForm(forms.ModelForm):
    def clean_mentor(self):
        mentor = self.cleaned_data["mentor"]
        topic = Topic.objects.filter(pk=self.instance.topic_id)
        if mentor and not topic.visible_to(mentor).exists():
            raise forms.ValidationError(_("They cannot read this question."))
        return mentor


@admin.register(QuestionDuty)
class QuestionDutyAdmin(ModelAdmin):
    form = DutyForm
    list_display = ["topic", "field", "mentor", "due_at", "answered_at"]
    list_filter = [("answered_at", admin.EmptyFieldListFilter), "field", "due_at"]
    list_select_related = ["topic", "field", "mentor"]
    search_fields = ["topic__title", "mentor__name"]
    ordering = ["due_at"]
    fields = ["topic", "field", "mentor", "due_at", "answered_at"]
    readonly_fields = ["topic", "field", "due_at", "answered_at"]
    autocomplete_fields = ["mentor"]
    show_full_result_count = False

    def get_queryset(self, request):
        found = super().get_queryset(request)
        visible = Topic.objects.visible_to(request.user)
        return found if request.user.is_operator else found.filter(topic__in=visible)

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        if "mentor" in form.changed_data:
            duties.hand_to(duty=obj, mentor=obj.mentor, by=request.user)
