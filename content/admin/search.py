from django.contrib import admin
from unfold.admin import ModelAdmin

from content.models import SearchSynonyms


@admin.register(SearchSynonyms)
class SearchSynonymsAdmin(ModelAdmin):
    """Words that members mean alike."""

    list_display = ["__str__"]
