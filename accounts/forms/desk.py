"""What the desk asks an operator before an act that moves money."""

from decimal import Decimal
from urllib.parse import urlsplit

from babel.numbers import get_currency_precision
from django import forms
from django.core.exceptions import ValidationError
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminSelect2MultipleWidget,
    UnfoldAdminSelect2Widget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from accounts import sellable
from accounts.models.shares import MORE_THAN_ALL, WHOLE, most_shared
from accounts.services import community, entitlements
from community.lib.money import currency_choices

ERASED = _("This account was erased.")

# The audit chain never forgets, not even for who is erased.
KEPT_FOR_GOOD = _("It is kept for good: name nobody in it.")


class AmountField(forms.DecimalField):
    """Typed as people write money, cleaned to minor units of `currency`.

    At least the smallest of them, unless `min_value` says otherwise.
    """

    widget = UnfoldAdminDecimalFieldWidget

    def __init__(self, *, currency: str, **options):
        self.digits = get_currency_precision(currency)
        options.setdefault("label", f"{_('Amount')} ({currency})")
        options.setdefault("min_value", Decimal(1).scaleb(-self.digits))
        super().__init__(max_digits=11, decimal_places=self.digits, **options)

    def clean(self, value):
        amount = super().clean(value)
        return None if amount is None else int(amount.scaleb(self.digits))

    def prepare_value(self, value):
        is_minor = isinstance(value, int)
        return Decimal(value).scaleb(-self.digits) if is_minor else value

    def has_changed(self, initial, data):
        return super().has_changed(self.prepare_value(initial), data)


class MoneyForm(forms.ModelForm):
    """Asks for the amounts of a row, kept in minor units, as people write money."""

    money: tuple[str, ...] = ()

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        typed = self.data.get(self.add_prefix("currency"))
        for name in self.money:
            if name in self.fields:
                field = self.fields[name]
                self.fields[name] = AmountField(
                    currency=(typed or self.instance.currency).upper(),
                    label=field.label,
                    initial=field.initial,
                    help_text=_("In whole units and their parts, such as 99.00."),
                    min_value=0,
                )


def currency_field():
    """For a new row the community's own."""
    return forms.ChoiceField(
        label=_("Currency"),
        choices=currency_choices,
        initial=lambda: community.current().currency,
        widget=UnfoldAdminSelect2Widget,
    )


def _what_field():
    return forms.ChoiceField(
        label=_("What it opens"),
        choices=sellable.choices,
        widget=UnfoldAdminSelect2Widget,
    )


class OfferForm(MoneyForm):
    money = ("price",)
    what = _what_field()
    currency = currency_field()


class CampaignForm(MoneyForm):
    money = ("cost",)
    currency = currency_field()


class EntitlementForm(forms.ModelForm):
    what = _what_field()

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["reason"].required = True

    def clean_member(self):
        member = self.cleaned_data["member"]
        if member.erased_at:
            raise ValidationError(ERASED)
        return member

    def clean(self):
        """Given once: what is held for ever already needs not be given again."""
        given = super().clean()
        member, what = given.get("member"), given.get("what")
        if member and what and entitlements.owns_for_ever(member, what):
            self.add_error("what", _("They hold this for ever already."))
        return given


class InvitationForm(forms.ModelForm):
    """What would be no good from the start is refused; what was used up may be
    looked after all the same."""

    def clean_expires_at(self):
        end = self.cleaned_data["expires_at"]
        if end and "expires_at" in self.changed_data and end <= timezone.now():
            raise ValidationError(_("This time is over."))
        return end

    def clean_uses_left(self):
        left = self.cleaned_data["uses_left"]
        if left == 0 and "uses_left" in self.changed_data:
            raise ValidationError(_("At least once. Empty: as often as one likes."))
        return left


class LinkForm(forms.ModelForm):
    def clean_path(self):
        path = self.cleaned_data["path"]
        try:
            resolve(urlsplit(path).path)
        except Resolver404 as error:
            raise ValidationError(_("There is no such page here.")) from error
        return path


class BundleForm(forms.ModelForm):
    opens = forms.MultipleChoiceField(
        label=_("Opens"),
        choices=sellable.parts,
        help_text=_("The membership among it makes it a tier of the membership."),
        widget=UnfoldAdminSelect2MultipleWidget,
    )

    def clean_key(self):
        key = self.cleaned_data["key"]
        if sellable.is_reserved(key):
            raise forms.ValidationError(_("This names something else than a bundle."))
        return key


class WholeRefundForm(forms.Form):
    """Of orders that are given back whole."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        help_text=KEPT_FOR_GOOD,
        widget=UnfoldAdminTextInputWidget,
    )


class RefundForm(WholeRefundForm):
    ends_access = forms.BooleanField(
        label=_("Close what was bought, though only a part goes back"),
        required=False,
        widget=UnfoldBooleanWidget,
    )

    def __init__(self, *args, left: int, currency: str, **options):
        super().__init__(*args, **options)
        self.fields["amount"] = AmountField(currency=currency, initial=left)
        self.order_fields(["amount", "reason", "ends_access"])


class AnswerForm(forms.Form):
    words = forms.CharField(
        label=_("Answer to the member"),
        max_length=500,
        widget=UnfoldAdminTextareaWidget,
    )

    def __init__(self, *args, currency: str, **options):
        super().__init__(*args, **options)
        self.fields["amount"] = AmountField(
            currency=currency,
            required=False,
            help_text=_("Goes back to the member. Empty: nothing."),
        )


class TransferForm(forms.Form):
    def __init__(self, *args, amount: int, currency: str, **options):
        super().__init__(*args, **options)
        self.fields["amount"] = AmountField(
            currency=currency,
            initial=amount,
            help_text=_("As the bank's statement shows it."),
        )


class NoteForm(forms.Form):
    note = forms.CharField(
        label=_("What was done"),
        max_length=300,
        help_text=KEPT_FOR_GOOD,
        widget=UnfoldAdminTextareaWidget,
    )


class PayoutForm(forms.Form):
    note = forms.CharField(
        label=_("The transfer's number"),
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
    )

    def __init__(self, *args, owed: int, currency: str, **options):
        super().__init__(*args, **options)
        self.fields["amount"] = AmountField(currency=currency, initial=owed)
        self.order_fields(["amount", "note"])


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        min_length=5,
        help_text=_("The member sees it. It is kept for good: name nobody in it."),
        widget=UnfoldAdminTextInputWidget,
    )


class Written(forms.Widget):
    """Words in place of a field that cannot be changed, looked up by nobody."""

    def __init__(self, words):
        super().__init__()
        self.words = words

    def render(self, name, value, attrs=None, renderer=None):
        return escape(self.words)


class SharesFormSet(forms.BaseInlineFormSet):
    """The agreements on one offer, which together are at most all of it.

    Each is checked against what stands in the database; here those that are written
    at once against each other.
    """

    def add_fields(self, form, index):
        """With whom one was made is not changed: it is ended, and another one made."""
        super().add_fields(form, index)
        if form.instance.pk:
            field = form.fields["creator"]
            field.disabled, field.widget = True, Written(form.instance.creator)

    def clean(self):
        super().clean()
        if any(self.errors):
            return
        written = [
            form.instance
            for form in self.forms
            if form.instance.creator_id and form not in self.deleted_forms
        ]
        if most_shared(written) > WHOLE:
            raise ValidationError(MORE_THAN_ALL)
