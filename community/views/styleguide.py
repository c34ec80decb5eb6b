from django import forms
from django.contrib.auth.decorators import user_passes_test
from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from community.lib.charts import Chart, Point

TONES = ["", "good", "warning", "danger", "info", "seal"]
ICONS = ["book-open", "users", "message-circle", "award", "play", "lock", "check"]


class ExampleForm(forms.Form):
    name = forms.CharField(label=_("Name"), help_text=_("As others shall see it."))
    email = forms.EmailField(label=_("E-mail"))
    plan = forms.ChoiceField(
        label=_("Plan"),
        choices=[("month", _("Monthly")), ("year", _("Yearly"))],
        widget=forms.RadioSelect,
    )
    level = forms.ChoiceField(
        label=_("Level"), choices=[("first", _("First steps")), ("deep", _("Deep"))]
    )
    text = forms.CharField(
        label=_("Your question"), widget=forms.Textarea, required=False
    )
    agreed = forms.BooleanField(label=_("I have read the rules"))


def _is_staff(user):
    return user.is_authenticated and user.is_staff and user.may_act_as_staff


# Who is refused is told why at the door of the desk.
@user_passes_test(_is_staff, login_url="admin:login")
def styleguide(request):
    """Every component in every state, for who builds pages and for the tests."""
    context = {
        "form": ExampleForm(),
        "refused": ExampleForm({"name": "", "email": "someone", "text": "Kept."}),
        "tones": TONES,
        "icons": ICONS,
        "page": Paginator(range(60), 20).get_page(2),
        "line": example_line(),
        "bars": example_bars(),
    }
    return render(request, "community/styleguide.html", context)


def example_line():
    values = [12, 18, 16, 25, 31, 29, 40]
    points = [
        Point(str(week), value, value * 0.85, value * 1.15)
        for week, value in enumerate(values, start=1)
    ]
    return Chart(
        gettext("Active members grew through spring"),
        points,
        gettext("Week"),
        gettext("people"),
    )


def example_bars():
    points = [Point("W1", 3), Point("W2", 7), Point("W3", 5), Point("W4", 9)]
    return Chart(
        gettext("Questions answered each week"),
        points,
        gettext("Week"),
        gettext("answers"),
        "bar",
    )
