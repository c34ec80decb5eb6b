"""Tags at the desk: their other names, and merging."""

import taggit.admin
from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.utils.translation import gettext_lazy as _
from taggit.models import Tag
from unfold.admin import ModelAdmin, TabularInline

from community.lib.admin import AsBefore, ask_first_of_rows
from content.forms.tags import MergeForm
from content.models import TagSynonym
from content.services import tags

# The library registers it without our theme: first it, then ours.
admin.site.unregister(taggit.admin.Tag)


TAKEN = _("It is another name of a tag already.")
IS_A_TAG = _("It is the name of a tag: merge them.")


class TagForm(forms.ModelForm):
    """Its name and its address are not another tag's other name."""

    def clean_name(self):
        others = Tag.objects.exclude(pk=self.instance.pk)
        if others.filter(name__iexact=self.cleaned_data["name"]).exists():
            raise ValidationError(IS_A_TAG)
        return self._free(name__iexact=self.cleaned_data["name"])

    def clean_slug(self):
        return self._free(slug=self.cleaned_data["slug"])

    def _free(self, **named):
        if TagSynonym.objects.filter(**named).exists():
            raise ValidationError(TAKEN)
        return next(iter(named.values()))


class TagSynonymFormSet(forms.BaseInlineFormSet):
    """Each name once, and none that the tag itself is just given."""

    def clean(self):
        super().clean()
        known = {self.instance.name.lower()}
        for form in self.forms:
            name = form.cleaned_data.get("name", "").lower()
            if name in known:
                form.add_error("name", TAKEN)
            known |= {name} - {""}


class TagSynonymInline(TabularInline):
    model = TagSynonym
    formset = TagSynonymFormSet
    fields = ["name"]
    extra = 1


@admin.register(Tag)
class TagAdmin(ModelAdmin):
    form = TagForm
    list_display = ["name", "slug", "used"]
    search_fields = ["name", "synonyms__name"]
    fields = ["name", "slug"]
    inlines = [TagSynonymInline]
    actions = ["merge"]

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        return rows.annotate(times=Count("taggit_taggeditem_items"))

    @admin.display(description=_("used"), ordering="times")
    def used(self, tag):
        return tag.times

    @admin.action(description=_("Merge"), permissions=["change"])
    def merge(self, request, queryset):
        def act(tag, data):
            into, name = _named(data["into"]), tag.name
            if tag == into:
                raise AsBefore(_("It stays."))
            tags.merge(tags=[tag], into=into)
            self.log_change(request, into, f"Merged “{name}” into “{into}”")

        return ask_first_of_rows(
            request,
            admin=self,
            rows=queryset,
            form_class=MergeForm,
            title=_("Merge"),
            act=act,
            note=_items_of,
        )


def _named(name):
    tag = Tag.objects.filter(name__iexact=name).first()
    if tag is None:
        raise ValidationError(_("There is no tag of that name."))
    return tag


def _items_of(chosen):
    each = ", ".join(f"{tag} ({tag.times})" for tag in chosen)
    return _("Items that carry each of them and move: %(each)s.") % {"each": each}
