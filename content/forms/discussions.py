from uuid import uuid4

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Field
from content.errors import TooManyPosts, TopicClosed
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
OFFERED = [(kind, kind.label) for kind in (Topic.Kind.QUESTION, Topic.Kind.DISCUSSION)]


class TopicForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("What is it?"), choices=OFFERED, initial=Topic.Kind.QUESTION
    )
    title = forms.CharField(label=_("Title"), max_length=TITLE_LENGTH)
    body = forms.CharField()
    field = forms.TypedChoiceField(
        label=_("Field of knowledge"),
        coerce=int,
        empty_value=None,
        required=False,
        help_text=_("Of a question: who knows it is asked to answer."),
    )
    form_key = FormKey()

    def __init__(self, data=None, *, draft, begun=None):
        super().__init__(data, initial=begun)
        self.fields["title"].widget.attrs |= {
            "data-draft": f"{draft}-title",
            # What was asked before appears while the title is typed.
            "hx-get": reverse("content:topics_similar"),
            "hx-trigger": "input changed delay:700ms",
            "hx-target": "#similar",
            "hx-headers": '{"X-While-Typing": "1"}',
        }
        fields = list(Field.objects.values_list("pk", "name"))
        if fields:
            self.fields["field"].choices = [("", "—"), *fields]
        else:
            del self.fields["field"]
        self.fields["body"] = Body(
            _("Text"), f"{draft}-body", help_text=_("Markdown works here.")
        )


class ReplyForm(forms.Form):
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
    except TopicClosed:
        form.add_error(None, _("This topic was closed while you were writing."))
    except TooManyPosts:
        form.add_error(None, _("That is a lot at once. Please wait a minute."))
    return None
