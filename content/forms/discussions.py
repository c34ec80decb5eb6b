from uuid import uuid4

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.errors import Muted
from content.errors import RulesNotAgreed, TooManyPosts, TopicClosed
from content.models import Topic
from content.models.discussions import BODY_LENGTH, TITLE_LENGTH


class FormKey(forms.UUIDField):
    """Names one showing of a form, so that sending it twice posts once."""

    widget = forms.HiddenInput

    def __init__(self):
        super().__init__(required=False, initial=uuid4)


class Body(forms.CharField):
    def __init__(self, label, draft, **options):
        # What is typed is kept in the browser under this name until it is sent.
        attrs = {"rows": 8, "data-draft": draft, **options.pop("attrs", {})}
        super().__init__(
            label=label,
            max_length=BODY_LENGTH,
            widget=forms.Textarea(attrs=attrs),
            **options,
        )


# What a topic may be begun as by anybody who may write.
OFFERED = [
    (kind, kind.label)
    for kind in (Topic.Kind.QUESTION, Topic.Kind.DISCUSSION, Topic.Kind.POLL)
]


class AgreeingForm(forms.Form):
    """Asks to agree to the rules, once what was sent could not be taken for that."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        if self.data.get("agrees"):
            self.ask_to_agree()

    def ask_to_agree(self):
        label = format_html(
            '{} <a href="/rules/" target="_blank">{}</a>',
            _("I have read the rules and keep to them:"),
            _("the rules"),
        )
        self.fields["agrees"] = forms.BooleanField(label=label)


class TopicForm(AgreeingForm):
    kind = forms.ChoiceField(
        label=_("What is it?"), choices=OFFERED, initial=Topic.Kind.QUESTION
    )
    title = forms.CharField(label=_("Title"), max_length=TITLE_LENGTH)
    body = forms.CharField()
    form_key = FormKey()

    def __init__(self, data=None, *, draft):
        super().__init__(data)
        self.fields["title"].widget.attrs["data-draft"] = f"{draft}-title"
        self.fields["body"] = Body(
            _("Text"), f"{draft}-body", help_text=_("Markdown works here.")
        )


class ReplyForm(AgreeingForm):
    body = forms.CharField(
        max_length=BODY_LENGTH,
        error_messages={"required": _("Write something first.")},
    )
    reply_to = forms.IntegerField(required=False, min_value=1)
    form_key = FormKey()


class PostForm(forms.Form):
    """Changing a post; `title` only where the post opens its topic."""

    title = forms.CharField(label=_("Title"), max_length=TITLE_LENGTH)
    body = forms.CharField()

    def __init__(self, data=None, *, post):
        super().__init__(data, initial={"title": post.topic.title, "body": post.body})
        self.fields["body"] = Body(_("Text"), f"post-{post.pk}-edit")
        if post.number > 1:
            del self.fields["title"]


def send(form, service, **who):
    """What `service` makes of a valid form; None when the form must be shown again."""
    if not form.is_valid():
        return None
    try:
        return service(**form.cleaned_data, **who)
    except RulesNotAgreed:
        form.ask_to_agree()
        form.add_error(
            None, _("The rules are new. Please agree to them; your text is kept.")
        )
    except TopicClosed:
        form.add_error(None, _("This topic was closed while you were writing."))
    except Muted:
        form.add_error(
            None,
            _(
                "You cannot write in the talk at the moment. Why, and until when, "
                "stands on your page under “Decisions”."
            ),
        )
    except TooManyPosts:
        form.add_error(None, _("That is a lot at once. Please wait a minute."))
    return None
