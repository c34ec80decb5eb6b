from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from content.models import SearchSynonyms

LONE = _("A word alone is like no other: give two at least.")
ELSEWHERE = _("“%(word)s” stands in another row already: add to that one.")


class SearchSynonymsForm(forms.ModelForm):
    """Two words at least, none of which another row has."""

    def clean_words(self):
        words = self.cleaned_data["words"]
        typed = {word.strip().casefold() for word in words}
        if len(typed) < 2:
            raise ValidationError(LONE)
        others = SearchSynonyms.objects.exclude(pk=self.instance.pk)
        for group in others.values_list("words", flat=True):
            if both := typed & {word.strip().casefold() for word in group}:
                raise ValidationError(ELSEWHERE, params={"word": min(both)})
        return words


@admin.register(SearchSynonyms)
class SearchSynonymsAdmin(ModelAdmin):
    """Words that members mean alike."""

    form = SearchSynonymsForm
    list_display = ["__str__"]
    search_fields = ["words"]
