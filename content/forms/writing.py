from django import forms
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Space, User
from community.lib import pictures
from community.lib.xml import CONTROLS
from content.forms.tags import accepted_tags
from content.forms.uploads import TakesUpload
from content.models import Item, ItemFile, Lesson, Section
from content.services.tags import LONGEST_NAME
from content.services.texts import LONG, Texts, Thing, field_of, fields_of

LONGEST_TEXT = 200_000
# What every member may contribute; courses and columns are the mentors'.
CONTRIBUTED = (Item.Kind.ARTICLE, Item.Kind.CASE, Item.Kind.NEWS)
TEACHERS_SET = (
    *("access", "level_needed", "included_in_membership", "column"),
    "has_watermark",
)
WRITTEN = [kind for kind in Item.Kind if kind != Item.Kind.MATERIAL]


class ItemBeginForm(forms.Form):
    kind = forms.ChoiceField(label=_("What will it be?"), widget=forms.RadioSelect)
    title = forms.CharField(
        label=_("Title"), max_length=160, help_text=_("It can be changed later.")
    )
    # What a report found missing; its link brings it along.
    tag = forms.CharField(
        max_length=LONGEST_NAME, required=False, widget=forms.HiddenInput
    )

    def __init__(self, data=None, *, teaches, tag=""):
        super().__init__(data, initial={"tag": tag})
        kinds = WRITTEN if teaches else CONTRIBUTED
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in kinds]
        self.fields["kind"].initial = kinds[0]


class TextsForm(forms.Form):
    """The texts of one thing, whatever its kind; `base` is what they began from."""

    base = forms.CharField(max_length=16, widget=forms.HiddenInput)

    def __init__(self, data=None, *, thing: Thing, texts: Texts, base: str):
        typed = data and {name: _kept(value) for name, value in data.items()}
        super().__init__(typed, initial={**texts, "base": base})
        for name in fields_of(thing):
            self.fields[name] = _form_field(field_of(thing, name), name)

    @property
    def texts(self) -> Texts:
        """What was typed and found right, as it is kept."""
        typed = {name: it for name, it in self.cleaned_data.items() if name != "base"}
        return {name: _plain(value) for name, value in typed.items()}


def _form_field(field, name):
    if name in LONG:
        rows = 18 if name == "body" else 8
        return forms.CharField(
            label=_capital(field),
            max_length=LONGEST_TEXT,
            required=False,
            strip=False,
            widget=forms.Textarea(attrs={"rows": rows, "data-draft": "off"}),
        )
    is_address = isinstance(field, models.URLField)
    made = field.formfield(**({"assume_scheme": "https"} if is_address else {}))
    if isinstance(made, forms.DateField):
        made.widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    if name == "summary":
        made.widget = forms.Textarea(
            attrs={"rows": 3, "maxlength": 400, "data-draft": "off"}
        )
    return made


def _capital(field):
    label = str(field.verbose_name)
    return label[:1].upper() + label[1:]


def _kept(value):
    """Postgres keeps no NUL and a feed no other control character, and nobody sees
    that one was pasted: they go, rather than stop who writes."""
    return CONTROLS.sub("", value)


def _plain(value):
    """Browsers send lines ended by two characters; we keep one."""
    if value is None:
        return ""
    return str(value).replace("\r\n", "\n")


def typed_texts(data, thing: Thing) -> Texts:
    """What stands in the fields right now, right or wrong."""
    return {
        name: _kept(_plain(data[name]))[:LONGEST_TEXT]
        for name in fields_of(thing)
        if name in data
    }


def base_of(data) -> str:
    """The fingerprint of the state that was written on, whatever was sent as it."""
    return _kept(data.get("base", ""))[:16]


class PictureForm(forms.Form):
    picture = forms.FileField()
    alt = forms.CharField(max_length=300, required=False)


class ItemSettingsForm(forms.ModelForm):
    """Everything about an item that is not its text."""

    cover = forms.FileField(
        label=_("Cover"),
        required=False,
        help_text=_(
            "PNG, JPEG or WebP; best 1200 by 675 pixels or more, at least 400 by 225."
        ),
    )
    no_cover = forms.BooleanField(label=_("Remove the cover"), required=False)
    language = forms.ChoiceField(
        label=_("Language"), choices=[("", "—"), *settings.LANGUAGES], required=False
    )

    needs = forms.ModelMultipleChoiceField(
        label=_("To be finished first"),
        queryset=Item.objects.none(),
        required=False,
        help_text=_("Only who has finished these may begin the course."),
    )

    class Meta:
        model = Item
        labels = {"space": _("Space")}
        fields = [
            *("tags", "field", "difficulty", "language", "space", "column"),
            *("format", "access", "level_needed", "included_in_membership"),
            *("gives_certificate", "in_cohorts_only", "has_watermark"),
            *("review_by", "cover_alt"),
        ]
        widgets = {
            "review_by": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        }

    def __init__(self, *args, member, teaches, **kwargs):
        super().__init__(*args, **kwargs)
        # What stands there may stay, also where the saver could not choose it.
        item = self.instance
        spaces = Space.objects.visible_to(member).values("pk")
        self.fields["space"].queryset = Space.objects.filter(
            Q(pk__in=spaces) | Q(pk=item.space_id)
        )
        self.fields["column"].queryset = Item.objects.filter(
            Q(author=member) | Q(pk=item.column_id), kind=Item.Kind.COLUMN
        )
        if teaches and self.instance.kind == Item.Kind.COURSE:
            needed = [each.needs_id for each in item.prerequisites.all()]
            courses = Item.objects.readable_by(member).courses().values("pk")
            choices = Item.objects.filter(Q(pk__in=courses) | Q(pk__in=needed))
            self.fields["needs"].queryset = choices.exclude(pk=item.pk)
            self.initial["needs"] = needed
        else:
            for name in ("needs", "gives_certificate", "in_cohorts_only"):
                del self.fields[name]
        if not self.instance.cover:
            del self.fields["no_cover"]
        if not teaches:
            for name in TEACHERS_SET:
                del self.fields[name]

    def clean_tags(self):
        return accepted_tags(self.instance, self.cleaned_data["tags"])

    def clean_cover(self):
        upload = self.cleaned_data["cover"]
        try:
            return upload and pictures.cover(upload)
        except pictures.NotAPicture as error:
            raise forms.ValidationError(str(error)) from error


class TitleForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=160)


class PaceForm(forms.ModelForm):
    """When a section opens to its learners."""

    class Meta:
        model = Section
        fields = ["opens_on", "opens_after", "is_in_turn"]
        widgets = {
            "opens_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        }


class LessonSettingsForm(TakesUpload):
    file_field = "media"

    no_media = forms.BooleanField(label=_("Take the recording away"), required=False)

    class Meta:
        model = Lesson
        fields = ["kind", "media", "no_media", "minutes", "is_preview"]
        widgets = {"media": forms.FileInput}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.media:
            self.fields["media"].help_text = _(
                "There is one. A new one takes its place."
            )
        else:
            del self.fields["no_media"]

    def clean(self):
        super().clean()
        is_new = "media" in self.changed_data or self.cleaned_data.get("upload")
        if self.cleaned_data.pop("no_media", False) and not is_new:
            self.cleaned_data["media"] = False


class SharedLessonForm(forms.ModelForm):
    """What a lesson that was taken from another course has of its own."""

    class Meta:
        model = Lesson
        fields = ["title", "is_preview"]


class LessonsToTakeForm(forms.Form):
    """Which lessons of other courses; they come in the order of the list."""

    lessons = forms.ModelMultipleChoiceField(
        label=_("Lessons"),
        queryset=Lesson.objects.none(),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, data=None, *, lessons):
        super().__init__(data)
        self.fields["lessons"].queryset = lessons
        self.fields["lessons"].label_from_instance = _with_course

    def clean_lessons(self):
        return list(self.cleaned_data["lessons"])


def _with_course(lesson):
    return f"{lesson.section.item.title}: {lesson.title}"


class ItemFileForm(TakesUpload):
    """Something to play on the item's page, or to take along."""

    file_field = "file"

    class Meta:
        model = ItemFile
        fields = ["kind", "title", "file"]


class CoAuthorForm(forms.Form):
    name = forms.CharField(
        label=_("User name"),
        max_length=150,
        help_text=_("As it stands in the address of their page."),
    )

    def clean_name(self):
        name = self.cleaned_data["name"].strip().lstrip("@")
        found = User.objects.filter(
            username__iexact=name, is_applicant=False, erased_at=None
        )
        if member := found.first():
            return member
        raise forms.ValidationError(_("There is no member of that name."))
