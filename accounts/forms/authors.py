from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import AuthorApplication


class AuthorForm(forms.ModelForm):
    class Meta:
        model = AuthorApplication
        fields = ["kind", "why", "sample"]
        widgets = {
            "kind": forms.RadioSelect,
            "why": forms.Textarea(attrs={"rows": 5}),
            "sample": forms.Textarea(attrs={"rows": 4}),
        }
        labels = {"kind": _("I apply as")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = AuthorApplication.Kind.choices
        # Invitations go without; whoever asks tells us both.
        self.fields["why"].required = self.fields["sample"].required = True


class AgreeForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    agree = forms.BooleanField(
        label=_("I have read the author agreement and agree to it.")
    )
