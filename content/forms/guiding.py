"""What those who keep order in a talk may say about it."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Space, SpaceMember, User
from community.lib.text import small_number
from content.forms.discussions import Link, check_link
from content.models import Topic
from content.models.discussions import REASON_LENGTH, TITLE_LENGTH


class CloseForm(forms.Form):
    reason = forms.CharField(
        label=_("Why is it closed?"),
        max_length=REASON_LENGTH,
        required=False,
        help_text=_("Everybody who reads the topic is shown this."),
    )


class SlowForm(forms.Form):
    seconds = forms.TypedChoiceField(
        label=_("How long one member waits between two posts"),
        coerce=int,
        choices=[
            (0, _("Not at all")),
            (30, _("30 seconds")),
            (60, _("1 minute")),
            (300, _("5 minutes")),
            (900, _("15 minutes")),
            (3600, _("1 hour")),
        ],
    )


# A poll is more than its posts: none is made of something else.
KINDS = [(kind, kind.label) for kind in Topic.Kind if kind != Topic.Kind.POLL]


class KindForm(forms.Form):
    kind = forms.ChoiceField(label=_("What is it?"), choices=KINDS)
    link = Link()

    def clean(self):
        return check_link(self, super().clean())


class MoveForm(forms.Form):
    space = forms.ModelChoiceField(label=_("Space"), queryset=Space.objects.none())
    reason = forms.CharField(label=_("Why?"), max_length=REASON_LENGTH, required=False)

    def __init__(self, data=None, *, spaces):
        super().__init__(data)
        self.fields["space"].queryset = spaces


class MergeForm(forms.Form):
    into = forms.CharField(
        label=_("Address or number of the other topic"), max_length=300
    )

    def clean_into(self):
        """The number in "https://…/topics/12-words/", or the number itself."""
        text = self.cleaned_data["into"].strip().rsplit("/topics/", 1)[-1]
        digits = text.split("-", 1)[0].split("/", 1)[0]
        number = small_number(digits)
        if not number:
            raise forms.ValidationError(_("That is not the address of a topic."))
        return number


class Posts(forms.TypedMultipleChoiceField):
    """Some of a topic's posts, by number."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, label, **options):
        super().__init__(
            label=label,
            coerce=int,
            error_messages={"required": _("Choose at least one post.")},
            **options,
        )

    def offer(self, posts):
        self.choices = [
            (post.number, f"{post.number} · {post.author} · {post.body[:80]}")
            for post in posts
        ]


class SplitForm(forms.Form):
    title = forms.CharField(label=_("Title of the new topic"), max_length=TITLE_LENGTH)
    numbers = Posts(_("Posts that go there"))

    def __init__(self, data=None, *, posts):
        super().__init__(data)
        self.fields["numbers"].offer(posts)


class PromoteForm(forms.Form):
    numbers = Posts(
        _("Replies to take into the article"),
        required=False,
        help_text=_("None chosen: the accepted answer, or those thanked for most."),
    )

    def __init__(self, data=None, *, posts, best):
        super().__init__(data, initial={"numbers": best})
        self.fields["numbers"].offer(posts)


class PlaceRoleForm(forms.Form):
    member = forms.ModelChoiceField(
        label=_("Handle"),
        queryset=User.objects.filter(erased_at=None, is_applicant=False),
        to_field_name="username",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"invalid_choice": _("There is no member of this handle.")},
    )
    role = forms.ChoiceField(label=_("Role"), choices=SpaceMember.Role)


class InviteForm(forms.Form):
    member = forms.ModelChoiceField(
        label=_("Handle"),
        queryset=User.objects.filter(erased_at=None, is_applicant=False),
        to_field_name="username",
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Empty: an address to pass on, good for one person."),
        error_messages={"invalid_choice": _("There is no member of this handle.")},
    )
