from django.contrib import admin
from django.forms import Form
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from accounts.models import Mail
from accounts.services import mails
from community.lib.admin import ReadOnlyAdmin, ask_first, row_or_404


class FateFilter(admin.SimpleListFilter):
    title = _("what became of it")
    parameter_name = "fate"

    def lookups(self, request, model_admin):
        return [
            ("unknown", _("nobody knows")),
            ("back", _("came back")),
            ("waiting", _("waits")),
        ]

    def queryset(self, request, queryset):
        if self.value() == "unknown":
            return queryset.unknown()
        if self.value() == "waiting":
            return queryset.waiting()
        return queryset.exclude(failed_at=None) if self.value() else queryset


def _is_unknown(mail):
    return bool(mail.sending_at) and not (mail.sent_at or mail.failed_at)


@admin.register(Mail)
class MailAdmin(ReadOnlyAdmin):
    """What was mailed to whom, not what it said."""

    list_display = ["member", "template", "created_at", "sent_at", "problem"]
    list_filter = [FateFilter, "template"]
    list_select_related = ["member"]
    search_fields = ["member__name", "member__username"]
    exclude = ["context"]
    actions_detail = ["mail_again"]
    acts_on = {"mail_again": _is_unknown}

    @action(description=_("Send it once more"), url_path="again", permissions=["send"])
    def mail_again(self, request, object_id):
        mail = row_or_404(self, request, object_id)
        return ask_first(
            request,
            admin=self,
            row=mail,
            form=Form(request.POST or None),
            title=_("Send it once more"),
            act=lambda _nothing: mails.send_again(mail),
            note=_("The server may have taken it: it carries the same Message-ID."),
        )

    def has_send_permission(self, request, object_id=None):
        return request.user.has_perm("accounts.change_mail")
