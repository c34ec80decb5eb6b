from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from community.lib.pictures import NotAPicture
from community.lib.uploads import NotAccepted
from content.errors import NoRoom, TooManyPosts, TopicClosed
from content.models import Topic
from content.models.discussions import BODY_LENGTH, TITLE_LENGTH
from content.services import post_files
from content.services.discussions import base_of


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


class AddedFile(forms.FileField):
    """Without scripts a file comes with the form, and is linked below its text."""

    def __init__(self):
        super().__init__(
            label=_("Add a picture or a file"),
            required=False,
            help_text=_("PNG, JPEG, WebP, PDF, office documents, texts, ZIP: 20 MB."),
        )


class FileForm(forms.Form):
    """One that was pasted, dropped or chosen while writing."""

    file = forms.FileField()


# What a topic may be begun as by anybody who may write.
OFFERED = [(kind, kind.label) for kind in (Topic.Kind.QUESTION, Topic.Kind.DISCUSSION)]


class TopicForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("What is it?"), choices=OFFERED, initial=Topic.Kind.QUESTION
    )
    title = forms.CharField(label=_("Title"), max_length=TITLE_LENGTH)
    body = forms.CharField()
    file = AddedFile()
    form_key = FormKey()

    def __init__(self, data=None, files=None, *, draft, body=""):
        super().__init__(data, files, initial={"body": body})
        self.fields["title"].widget.attrs["data-draft"] = f"{draft}-title"
        self.fields["body"] = Body(
            _("Text"), f"{draft}-body", help_text=_("Markdown works here.")
        )


class ReplyForm(forms.Form):
    body = forms.CharField(
        max_length=BODY_LENGTH,
        error_messages={"required": _("Write something first.")},
    )
    file = AddedFile()
    reply_to = forms.IntegerField(required=False, min_value=1)
    form_key = FormKey()


class PostForm(forms.Form):
    """Changing a post; `title` only where the post opens its topic."""

    title = forms.CharField(label=_("Title"), max_length=TITLE_LENGTH)
    body = forms.CharField()
    file = AddedFile()
    base = forms.CharField(required=False, max_length=16, widget=forms.HiddenInput)
    form_key = FormKey()

    def __init__(self, data=None, files=None, *, post):
        said = {"title": post.topic.title, "body": post.body, "base": base_of(post)}
        super().__init__(data, files, initial=said)
        self.fields["body"] = Body(_("Text"), f"post-{post.pk}-edit")
        if post.number > 1:
            del self.fields["title"]


def send(form, service, **who):
    """What `service` makes of a valid form; None when the form must be shown again."""
    said = said_in(form, by=who["author"])
    if said is None:
        return None
    try:
        return service(**said, **who)
    except TopicClosed:
        form.add_error(None, _("This topic was closed while you were writing."))
    except TooManyPosts:
        form.add_error(None, _("That is a lot at once. Please wait a minute."))
    return None


def said_in(form, *, by):
    """What a valid form says, its file taken in and linked in the text; else None."""
    if not form.is_valid():
        return None
    said = dict(form.cleaned_data)
    upload = said.pop("file")
    if not upload:
        return said
    try:
        file = post_files.add_file(upload=upload, by=by, form_key=said.get("form_key"))
    except (NotAccepted, NotAPicture, NoRoom) as error:
        form.add_error("file", str(error))
        return None
    said["body"] = f"{said['body']}\n\n{post_files.markdown_of(file)}"
    if len(said["body"]) > BODY_LENGTH:
        form.add_error("body", _("With the file, this text is too long."))
        return None
    return said
