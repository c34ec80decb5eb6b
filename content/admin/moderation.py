"""How contributions are let in, and what was decided. Deciding is done in the queue."""

from django import forms
from django.contrib import admin, messages
from django.shortcuts import redirect
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from community.lib.admin import (
    InlineReadOnly,
    ReadOnlyAdmin,
    TellsChanges,
    ask_first_page,
)
from content.models import (
    CannedReason,
    Case,
    Decision,
    KnownDomain,
    ModerationPolicy,
    PostReport,
    WatchedWord,
)
from content.services import watched_words

MOST_WORDS = 500  # each has a line of its own in the audit chain
LONGEST_WORD = WatchedWord._meta.get_field("word").max_length


class WordsForm(forms.Form):
    words = forms.CharField(
        label=_("Words or phrases"),
        help_text=_("One a line. What is on the list already stays as it is."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 12}),
    )
    effect = forms.ChoiceField(
        label=_("What happens"),
        choices=WatchedWord.Effect,
        widget=UnfoldAdminSelectWidget,
    )
    with_forms = forms.BooleanField(
        label=_("Also their other forms"),
        required=False,
        initial=True,
        widget=UnfoldBooleanWidget,
    )
    note = forms.CharField(
        label=_("Why"),
        max_length=200,
        required=False,
        widget=UnfoldAdminTextInputWidget,
    )

    def clean_words(self):
        lines = (" ".join(it.split()) for it in self.cleaned_data["words"].splitlines())
        words = list(dict.fromkeys(filter(None, lines)))
        if len(words) > MOST_WORDS:
            text = gettext("At most %(number)d at once.") % {"number": MOST_WORDS}
            raise forms.ValidationError(text)
        for word in words:
            if len(word) > LONGEST_WORD:
                text = gettext("“%(word)s…” is longer than %(number)d characters.")
                told = {"word": word[:20], "number": LONGEST_WORD}
                raise forms.ValidationError(text % told)
        return words


class TextForm(forms.Form):
    text = forms.CharField(
        label=_("Text"), widget=UnfoldAdminTextareaWidget(attrs={"rows": 8})
    )


@admin.register(ModerationPolicy)
class ModerationPolicyAdmin(TellsChanges, ModelAdmin):
    list_display = ["__str__", "mode", "first_posts", "exempt_level", "trusted_posts"]
    list_select_related = ["space"]


@admin.register(WatchedWord)
class WatchedWordAdmin(TellsChanges, ModelAdmin):
    list_display = ["word", "effect", "with_forms", "note"]
    list_filter = ["effect"]
    search_fields = ["word", "note"]
    actions_list = ["add_many", "try_text"]

    @action(description=_("Add many"), url_path="many", permissions=["add"])
    def add_many(self, request):
        form = WordsForm(request.POST or None)
        if not form.is_valid():
            return self._page(request, form, _("Add many"))
        added = watched_words.add_many(**form.cleaned_data)
        for word in added:
            self.log_addition(request, word, [{"added": {}}])
        text = ngettext(
            "%(number)d word is watched from now on.",
            "%(number)d words are watched from now on.",
            len(added),
        )
        messages.success(request, text % {"number": len(added)})
        return redirect("admin:content_watchedword_changelist")

    @action(description=_("Try a text"), url_path="try", permissions=["view"])
    def try_text(self, request):
        """Which words would be found in it; it is not kept."""
        form, title = TextForm(request.POST or None), _("Try a text")
        if not form.is_valid():
            return self._page(request, form, title)
        found = watched_words.found_in(form.cleaned_data["text"])
        rows = [f"{word}: {effect.label}" for word, effect in found]
        note = "" if rows else _("No watched word stands in it.")
        again = TextForm(initial=form.cleaned_data)
        return self._page(request, again, title, rows=rows, note=note)

    def _page(self, request, form, title, rows=(), note=""):
        return ask_first_page(
            request,
            admin=self,
            model=WatchedWord,
            form=form,
            title=title,
            rows=list(rows),
            note=note,
        )


@admin.register(KnownDomain)
class KnownDomainAdmin(TellsChanges, ModelAdmin):
    list_display = ["domain", "is_allowed"]
    list_filter = ["is_allowed"]
    search_fields = ["domain"]


@admin.register(CannedReason)
class CannedReasonAdmin(ModelAdmin):
    list_display = ["text"]


class PostReportInline(InlineReadOnly):
    model = PostReport
    fields = ["member", "reason", "words", "weight", "upheld", "created_at"]


class DecisionInline(InlineReadOnly):
    model = Decision
    fields = ["act", "by", "reason", "rule", "at", "undone_at", "undone_by"]


@admin.register(Case)
class CaseAdmin(ReadOnlyAdmin):
    list_display = ["what", "author", "space", "created_at", "outcome", "closed_at"]
    list_filter = ["what", "outcome", "space", "created_at"]
    list_select_related = ["author", "space"]
    search_fields = ["author__name", "author__username"]
    show_full_result_count = False
    inlines = [PostReportInline, DecisionInline]
