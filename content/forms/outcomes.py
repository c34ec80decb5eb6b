"""After an event: its notes, its recording, the talk about it, and stars."""

from django import forms
from django.utils.translation import gettext_lazy as _

from content.forms.discussions import Body, FormKey
from content.forms.ratings import RatingForm, in_words
from content.models import Item
from content.models.discussions import TITLE_LENGTH
from content.models.events import BODY_LENGTH
from content.models.outcomes import WORDS_LENGTH


class NotesForm(forms.Form):
    def __init__(self, data=None, *, event, notes=""):
        super().__init__(data, initial={"notes": notes})
        attrs = {"rows": 12, "data-draft": f"event-{event.pk}-notes"}
        self.fields["notes"] = forms.CharField(
            label=_("Notes"),
            required=False,
            max_length=BODY_LENGTH,
            widget=forms.Textarea(attrs=attrs),
            help_text=_("For whom the event was. Markdown works here."),
        )


class RecordingForm(forms.Form):
    recording = forms.ModelChoiceField(
        label=_("A recording of yours"),
        queryset=Item.objects.none(),
        required=False,
        help_text=_("Who had a seat may watch it, whatever it costs others."),
    )

    def __init__(self, data=None, *, recordings, chosen=None):
        super().__init__(data, initial={"recording": chosen})
        self.fields["recording"].queryset = recordings


class DiscussionForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=TITLE_LENGTH)
    form_key = FormKey()

    def __init__(self, data=None, *, event, spaces, initial):
        super().__init__(data, initial=initial)
        draft = f"event-{event.pk}-topic"
        self.fields["body"] = Body(_("First post"), draft)
        if event.space_id is None:
            self.fields["space"] = forms.ModelChoiceField(
                label=_("Space"), queryset=spaces
            )


class EventRatingForm(RatingForm):
    words = in_words(WORDS_LENGTH)


class LookedForm(forms.Form):
    words = forms.CharField(
        label=_("What was found"),
        max_length=WORDS_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For its host and operators."),
    )
