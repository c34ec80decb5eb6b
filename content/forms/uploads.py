from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from community.lib import uploads
from content.models import ItemFile, Lesson, Upload
from content.services.uploads import opened

NO_RECORDING = _("A text plays no file: choose audio or video as its kind first.")
NO_KIND = _("Say first which kind of file it is.")
NOT_HERE = _("This file has not come whole. Choose it again: it goes on by itself.")


class UploadForm(forms.Form):
    """What is announced of a file that will come in pieces."""

    kind = forms.ChoiceField(
        error_messages={"invalid_choice": NO_RECORDING, "required": NO_KIND}
    )
    name = forms.CharField(max_length=255)
    size = forms.IntegerField(min_value=0)
    modified = forms.CharField(max_length=20, required=False)

    def __init__(self, data, *, place):
        super().__init__(data)
        kinds = ItemFile.Kind.choices
        if isinstance(place, Lesson):
            kinds = [it for it in kinds if it[0] != ItemFile.Kind.ATTACHMENT]
        self.fields["kind"].choices = kinds


class TakesUpload(forms.ModelForm):
    """A form whose file may have come before, in pieces; `upload` says which it is.

    It is then judged like one that comes with the form.
    """

    file_field: str
    upload = forms.ModelChoiceField(
        queryset=Upload.objects.none(),
        to_field_name="key",
        required=False,
        widget=forms.HiddenInput,
    )

    def __init__(self, *args, on_the_way, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["upload"].queryset = on_the_way
        if self.data.get("upload"):
            self.fields[self.file_field].required = False

    def clean(self):
        super().clean()
        upload = self.cleaned_data.get("upload")
        if "upload" in self.errors or (upload and not upload.is_whole):
            self._forget(NOT_HERE)
        elif upload:
            self._take(upload)
        else:
            self._judge()

    def _take(self, upload):
        try:
            with opened(upload) as file:
                self.cleaned_data[self.file_field] = file
                self._judge()
        except FileNotFoundError:
            self._forget(NOT_HERE)

    def _forget(self, why):
        """Said beside the file: its stand-in cannot be seen."""
        self.errors.pop("upload", None)
        self.add_error(self.file_field, why)

    def _judge(self):
        """A new file must be what it is to serve as, by its content."""
        kind = self.cleaned_data.get("kind")
        file = self.cleaned_data.get(self.file_field)
        if not (kind and isinstance(file, UploadedFile)):
            return
        if kind not in uploads.MOST_BYTES:
            self.add_error(self.file_field, NO_RECORDING)
            return
        try:
            uploads.accept(file, kind)
        except uploads.NotAccepted as error:
            self.add_error(self.file_field, str(error))
