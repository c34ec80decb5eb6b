"""What experts take for answers and hours: money, points, or as the asker likes."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from community.lib.money import currency_choices, in_units, to_minor


class PricedForm(forms.Form):
    """`share` is what the expert gets of the money, in ‰: none is agreed without."""

    price = forms.DecimalField(
        label=_("Price in money"), required=False, min_value=Decimal("0.01")
    )
    currency = forms.ChoiceField(label=_("Currency"), choices=currency_choices)
    points = forms.IntegerField(
        label=_("Price in points"),
        required=False,
        min_value=1,
        max_value=1_000_000,
        help_text=_("You get all of them. With both prices, the asker chooses."),
    )

    def __init__(self, data=None, *, share, initial):
        super().__init__(data, initial=initial)
        self.share = share
        if share:
            text = _("You get %(share)s ‰ of it, as you agreed with the community.")
            self.fields["price"].help_text = text % {"share": share}

    def is_offered(self, said):
        """Whether it needs a price."""
        return True

    def clean(self):
        said = super().clean()
        price, points = said.get("price"), said.get("points")
        if price and not self.share:
            text = _(
                "For money you first need an agreement about your share. "
                "Ask the operators for one."
            )
            self.add_error("price", text)
        elif self.is_offered(said) and not (price or points or self.errors):
            self.add_error("price", _("Name a price in money or in points."))
        return said

    @property
    def says(self):
        said = dict(self.cleaned_data)
        price, currency = said["price"], said["currency"]
        said["price"] = to_minor(price, currency) if price else None
        return said


def prices_of(priced):
    """What the form begins with."""
    return {
        "price": in_units(priced.price, priced.currency) if priced.price else None,
        "currency": priced.currency,
        "points": priced.points,
    }
