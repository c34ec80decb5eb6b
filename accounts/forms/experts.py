from pathlib import PurePosixPath

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Credential, Expert

MOST_BYTES = 10 * 1024 * 1024
# What the first bytes say counts; the name only says it back to who downloads it.
KINDS = {
    b"%PDF-": (".pdf",),
    b"\x89PNG": (".png",),
    b"\xff\xd8\xff": (".jpg", ".jpeg"),
}


class ExpertForm(forms.ModelForm):
    class Meta:
        model = Expert
        fields = ["headline", "fields"]
        widgets = {"fields": forms.CheckboxSelectMultiple}


class CredentialForm(forms.ModelForm):
    class Meta:
        model = Credential
        fields = ["what", "issuer", "year", "document"]
        labels = {
            "what": _("What, such as a degree, a post or a prize"),
            "document": _("Document as proof"),
        }
        help_texts = {
            "document": _(
                "PDF, PNG or JPEG, at most 10 MB. Only operators see it, "
                "and it goes when you remove this line."
            ),
        }
        widgets = {"document": forms.FileInput(attrs={"accept": ".pdf,.png,.jpg"})}

    def clean_year(self):
        year = self.cleaned_data["year"]
        if year > timezone.localdate().year:
            raise forms.ValidationError(_("This year is still to come."))
        return year

    def clean_document(self):
        upload = self.cleaned_data["document"]
        if not upload:
            return None
        if upload.size > MOST_BYTES:
            raise forms.ValidationError(_("This file is larger than 10 MB."))
        suffix = PurePosixPath(upload.name).suffix.lower()
        start = upload.read(8)
        upload.seek(0)
        if not any(
            start.startswith(magic) and suffix in names
            for magic, names in KINDS.items()
        ):
            raise forms.ValidationError(_("This is not a PDF, PNG or JPEG file."))
        return upload
