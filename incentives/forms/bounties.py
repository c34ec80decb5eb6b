from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from incentives.models.bounties import FEWEST

MOST = 1_000_000


class BountyForm(forms.Form):
    points = forms.IntegerField(
        label=_("Points for a good answer"), min_value=FEWEST, max_value=MOST
    )
    # Names one showing of the form, so that a double click counts once.
    form_key = forms.UUIDField(required=False, initial=uuid4, widget=forms.HiddenInput)
