from uuid import uuid4

from django import forms
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts.errors import Muted
from accounts.models import Field
from community.lib.pictures import NotAPicture
from community.lib.uploads import NotAccepted
from content.errors import (
    NoRoom,
    RulesNotAgreed,
    TooManyPosts,
    TooSoon,
    TopicClosed,
)
from content.models import Topic
from content.models.discussions import BODY_LENGTH, TITLE_LENGTH
from content.services import held, post_files
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


class Link(forms.URLField):
    def __init__(self):
        super().__init__(
            label=_("Link"),
            max_length=500,
            required=False,
            assume_scheme="https",
            help_text=_("For a share."),
        )


def waiting_words(seconds: int):
    return ngettext_lazy(
        "Slow mode: you may post again in %(seconds)s second.",
        "Slow mode: you may post again in %(seconds)s seconds.",
        "seconds",
    ) % {"seconds": seconds}


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
OFFERED = [
    (kind, kind.label)
    for kind in (
        Topic.Kind.QUESTION,
        Topic.Kind.DISCUSSION,
        Topic.Kind.POLL,
        Topic.Kind.SHARE,
        Topic.Kind.CASE,
    )
]
ANNOUNCEMENT = (Topic.Kind.ANNOUNCEMENT, Topic.Kind.ANNOUNCEMENT.label)


def case_outline() -> str:
    """The headings that make a case worth reading later."""
    headings = [
        _("Context"),
        _("Problem"),
        _("Method"),
        _("Result"),
        _("What we learned"),
    ]
    return "\n".join(f"## {heading}\n\n" for heading in headings)


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
    link = Link()
    body = forms.CharField()
    tell_everyone = forms.BooleanField(
        label=_("Tell everybody in the space"),
        required=False,
        help_text=_("For an announcement."),
    )
    file = AddedFile()
    field = forms.TypedChoiceField(
        label=_("Field of knowledge"),
        coerce=int,
        empty_value=None,
        required=False,
        help_text=_("Of a question: who knows it is asked to answer."),
    )
    form_key = FormKey()

    def __init__(
        self,
        data=None,
        files=None,
        *,
        draft,
        kind="",
        body="",
        may_announce=False,
        typed=None,
    ):
        begun = {"body": body} | ({"kind": kind} if kind in Topic.Kind else {})
        if kind == Topic.Kind.CASE:
            draft = f"{draft}-case"
            begun["body"] = begun["body"] or case_outline()
        super().__init__(data, files, initial=begun | (typed or {}))
        # A link that says what is to be begun means it.
        for name in ("link",) if kind else ("kind", "link"):
            self.fields[name].widget.attrs["data-draft"] = f"{draft}-{name}"
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
        if may_announce:
            self.fields["kind"].choices = [*OFFERED, ANNOUNCEMENT]
        else:
            del self.fields["tell_everyone"]

    def clean(self):
        data = super().clean()
        if data.get("kind") != Topic.Kind.ANNOUNCEMENT and "tell_everyone" in data:
            data["tell_everyone"] = False
        if "".join(data.get("body", "").split()) == "".join(case_outline().split()):
            self.add_error("body", _("Write something below the headings."))
        return check_link(self, data)


class ReplyForm(AgreeingForm):
    body = forms.CharField(
        max_length=BODY_LENGTH,
        error_messages={"required": _("Write something first.")},
    )
    file = AddedFile()
    reply_to = forms.IntegerField(required=False, min_value=1)
    form_key = FormKey()


class PostForm(forms.Form):
    """Changing a post; `title` only where the post opens its topic."""

    kind = forms.ChoiceField(label=_("What is it?"), choices=OFFERED)
    title = forms.CharField(label=_("Title"), max_length=TITLE_LENGTH)
    link = Link()
    body = forms.CharField()
    file = AddedFile()
    base = forms.CharField(required=False, max_length=16, widget=forms.HiddenInput)
    form_key = FormKey()

    def __init__(self, data=None, files=None, *, post, may_announce=False):
        topic = post.topic
        begun = {"title": topic.title, "kind": topic.kind, "link": topic.link}
        said = {**begun, "body": post.body, "base": base_of(post)}
        super().__init__(data, files, initial=said)
        self.fields["body"] = Body(_("Text"), f"post-{post.pk}-edit")
        for name in ("title", "link"):
            draft = f"post-{post.pk}-edit-{name}"
            self.fields[name].widget.attrs["data-draft"] = draft
        # A poll is begun as one, and stays one.
        kinds = [it for it in OFFERED if it[0] != Topic.Kind.POLL]
        if may_announce:
            kinds.append(ANNOUNCEMENT)
        self.fields["kind"].choices = kinds
        # Forms sent before there were kinds to choose from change none.
        self.fields["kind"].required = False
        if post.number > 1:
            del self.fields["title"]
        if post.number > 1 or not may_change_kind(topic, kinds):
            del self.fields["kind"], self.fields["link"]

    def clean(self):
        data = super().clean()
        return check_link(self, data) if "link" in self.fields else data


def may_change_kind(topic: Topic, kinds: list) -> bool:
    """Not of what is answered, and not of what the author could not begin."""
    return not topic.is_answered and topic.kind in dict(kinds)


def check_link(form, data):
    """A share without a link is none."""
    is_share = data.get("kind") == Topic.Kind.SHARE
    if is_share and not data.get("link") and "link" not in form.errors:
        form.add_error("link", _("Say what you share."))
    return data


def send(form, service, **who):
    """What `service` makes of a valid form; None when the form must be shown again."""
    said = said_in(form, by=who["author"])
    if said is None:
        return None
    try:
        return service(**said, **who)
    except RulesNotAgreed:
        form.ask_to_agree()
        form.add_error(
            None, _("The rules are new. Please agree to them; your text is kept.")
        )
    except TooSoon as wait:
        form.add_error("body", waiting_words(wait.seconds))
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


def say_what_stops(form, reasons, *, fields):
    """Beside each field why it is not taken as it is; `fields` are the form's names for
    those of a checked text."""
    for words, field in dict.fromkeys(
        (held.told([reason])[0], fields.get(reason.get("field"))) for reason in reasons
    ):
        form.add_error(field, words)


def said_in(form, *, by):
    """What a valid form says; else None. A file that came with it is taken in once and
    linked in the text, which the form shows from now on, whatever comes of it."""
    if not form.is_valid():
        return None
    said = form.cleaned_data
    upload = said.pop("file")
    if not upload:
        return said
    try:
        file = post_files.add_file(upload=upload, by=by, form_key=said.get("form_key"))
    except (NotAccepted, NotAPicture, NoRoom) as error:
        form.add_error("file", str(error))
        return None
    said["body"] = f"{said['body']}\n\n{post_files.markdown_of(file)}"
    form.data = form.data.copy()
    form.data["body"] = said["body"]
    if len(said["body"]) > BODY_LENGTH:
        form.add_error("body", _("With the file, this text is too long."))
        return None
    return said
