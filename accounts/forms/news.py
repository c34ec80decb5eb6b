from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import NewsChoice, NewsGroup, Way

HOURS = [(hour, f"{hour:02}:00") for hour in range(24)]


def _hours():
    return forms.TypedChoiceField(choices=HOURS, coerce=int)


class NewsForm(forms.ModelForm):
    """What one hears of by mail; on the site everything is told."""

    digest_hour = _hours()
    quiet_from = _hours()
    quiet_to = _hours()

    class Meta:
        model = NewsChoice
        fields = (
            *NewsGroup.values,
            *("digest", "digest_day", "digest_hour", "quiet_from", "quiet_to"),
        )

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        for group in NewsGroup:
            self.fields[group.value] = forms.ChoiceField(
                choices=Way, label=group.label, widget=forms.RadioSelect
            )
        labels = {
            "digest": _("Digest of what is new"),
            "digest_day": _("On which day, when weekly"),
            "digest_hour": _("At what time"),
            "quiet_from": _("No mail from"),
            "quiet_to": _("until"),
        }
        for name, label in labels.items():
            self.fields[name].label = label
        self.fields["quiet_to"].help_text = _(
            "By the clock of your time zone. News wait until then. The same time"
            " twice: at any hour."
        )
