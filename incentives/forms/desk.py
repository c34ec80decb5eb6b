"""What the desk asks for about coupons and points at the checkout."""

import csv
import io

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelect2Widget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from accounts import sellable
from accounts.forms.desk import MoneyForm, currency_field
from incentives.models import Coupon, CouponCode
from incentives.services.coupon_codes import MOST_AT_ONCE
from incentives.services.coupon_rules import tidy

MOST_BYTES = 2_000_000


class CouponForm(MoneyForm):
    money = ("amount", "at_most", "minimum")
    currency = currency_field()
    opens = forms.ChoiceField(
        label=_("What it opens"),
        choices=sellable.choices,
        required=False,
        help_text=_("Of free days and things for nothing."),
        widget=UnfoldAdminSelect2Widget,
    )
    partner_url = forms.URLField(
        label=_("The partner's page"),
        required=False,
        assume_scheme="https",
        widget=UnfoldAdminTextInputWidget,
    )
    shared_code = forms.CharField(
        label=_("The code that all share"),
        required=False,
        max_length=60,
        help_text=_(
            "Capital letters, spaces and hyphens make no difference. Whoever comes by "
            "the address /c/CODE/ has it with them."
        ),
        widget=UnfoldAdminTextInputWidget,
    )

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        for name in self.money:
            if name in self.fields:
                self.fields[name].required = False
        is_shared = self.instance.codes == Coupon.Codes.SHARED
        if self.instance.pk and is_shared and "shared_code" in self.fields:
            code = self.instance.all_codes.filter(member=None).first()
            self.fields["shared_code"].initial = code and code.code

    def clean_minimum(self):
        return self.cleaned_data["minimum"] or 0

    def clean_shared_code(self):
        code = tidy(self.cleaned_data["shared_code"])
        others = CouponCode.objects.filter(code=code, is_partners=False)
        if code and others.exclude(coupon=self.instance.pk).exists():
            raise ValidationError(_("Another coupon has this code."))
        return code

    def clean(self):
        given = super().clean()
        is_shared = given.get("codes") == Coupon.Codes.SHARED
        if is_shared and "shared_code" in self.fields and not given.get("shared_code"):
            self.add_error("shared_code", _("Which code?"))
        return given


class PointsTermsForm(MoneyForm):
    money = ("worth",)
    currency = currency_field()


class NumberForm(forms.Form):
    number = forms.IntegerField(
        label=_("How many"),
        min_value=1,
        max_value=MOST_AT_ONCE,
        initial=100,
        widget=UnfoldAdminIntegerFieldWidget,
    )


class LinesForm(forms.Form):
    """One a line, typed or in a file whose first column it is."""

    lines = forms.CharField(
        label=_("One a line"),
        required=False,
        max_length=MOST_BYTES,
        widget=UnfoldAdminTextareaWidget,
    )
    file = forms.FileField(
        label=_("Or a CSV file"),
        required=False,
        help_text=_("Its first column counts."),
        widget=UnfoldAdminFileFieldWidget,
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file is None:
            return ""
        if file.size > MOST_BYTES:
            raise ValidationError(_("This file is too large."))
        try:
            return file.read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise ValidationError(_("This is no text in UTF-8.")) from error

    def clean(self):
        given = super().clean()
        text = f"{given.get('lines', '')}\n{given.get('file', '')}"
        rows = csv.reader(io.StringIO(text))
        given["names"] = [row[0] for row in rows if row and row[0].strip()]
        if not given["names"] and not self.errors:
            raise ValidationError(_("There is nothing in it."))
        return given
