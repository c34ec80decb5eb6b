from django.apps import apps
from django.contrib import admin
from django.db.models import Q
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import AuditRecord, User
from community.lib.admin import ReadOnlyAdmin
from community.lib.money import shown

NOT_LISTED = {"member", "entry", "digest"}  # on the record's own page

# The chain keeps words that never change; here they are said in the reader's language.
ACTS = {
    "accepted a transfer": _("accepted a transfer"),
    "accepted": _("accepted"),
    "added": _("added"),
    "archived": _("archived"),
    "cancelled a reward": _("cancelled a reward"),
    "changed": _("changed"),
    "confirmed a sanction": _("confirmed a sanction"),
    "confirmed a transfer": _("confirmed a transfer"),
    "decided an appeal": _("decided an appeal"),
    "deleted": _("deleted"),
    "ended a role": _("ended a role"),
    "ended a title": _("ended a title"),
    "funded": pgettext_lazy("budget", "funded"),
    "gave a role": _("gave a role"),
    "gave a title": _("gave a title"),
    "gave back by hand": _("gave back by hand"),
    "hid a post": _("hid a post"),
    "hid a rating": _("hid a rating"),
    "ledger anchor": _("ledger anchor"),
    "lifted a sanction": _("lifted a sanction"),
    "lifted a suspension": _("lifted a suspension"),
    "noted that a reward arrived": _("noted that a reward arrived"),
    "paid out": _("paid out"),
    "printed a picking list": _("printed a picking list"),
    "read a reported message": _("read a reported message"),
    "read personal facts": _("read personal facts"),
    "refunded": _("refunded"),
    "reopened": _("reopened"),
    "rescheduled": _("rescheduled"),
    "returned": _("returned"),
    "sanction: mute": _("sanction: mute"),
    "sanction: reminder": _("sanction: reminder"),
    "sanction: removal": _("sanction: removal"),
    "sanction: suspension": _("sanction: suspension"),
    "sent a transfer back": _("sent a transfer back"),
    "settled a reported message": _("settled a reported message"),
    "shipped a reward": _("shipped a reward"),
    "showed a post again": _("showed a post again"),
    "space role given": _("space role given"),
    "suspended": _("suspended"),
    "took a reward back": _("took a reward back"),
    "topic merged": _("topic merged"),
    "topic moved": _("topic moved"),
    "topic split": _("topic split"),
    "undid a payout": _("undid a payout"),
    "undid an order": _("undid an order"),
    "withdrawn": pgettext_lazy("editorial", "taken back"),
}


class Act(admin.SimpleListFilter):
    title = _("act")
    parameter_name = "act"

    def lookups(self, request, model_admin):
        acts = AuditRecord.objects.order_by("act").values_list("act", flat=True)
        return [(act, ACTS.get(act, act)) for act in acts.distinct()]

    def queryset(self, request, queryset):
        return queryset.filter(act=self.value()) if self.value() else queryset


class Actor(admin.SimpleListFilter):
    title = _("who")
    parameter_name = "actor"

    def lookups(self, request, model_admin):
        staff = User.objects.filter(is_staff=True).order_by("name")
        return [(member.pk, str(member)) for member in staff]

    def queryset(self, request, queryset):
        return queryset.filter(actor=self.value()) if _is_number(self) else queryset


class OfMember(admin.SimpleListFilter):
    """One member's history: reached from their page, for they are too many to list."""

    title = _("member")
    parameter_name = "member"

    def lookups(self, request, model_admin):
        if not _is_number(self):
            return []
        member = User.objects.filter(pk=self.value()).first()
        return [(self.value(), str(member))] if member else []

    def queryset(self, request, queryset):
        if not _is_number(self):
            return queryset
        pk = int(self.value())
        return queryset.filter(Q(facts__member=pk) | Q(actor=pk))


def _is_number(chosen):
    return (chosen.value() or "").isdecimal()


@admin.register(AuditRecord)
class AuditRecordAdmin(ReadOnlyAdmin):
    """The chain, newest first; every night and `manage.py verify_audit` prove it."""

    list_display = ["number", "at", "actor", "deed", "what", "reason", "details"]
    list_filter = [Act, Actor, OfMember, "at"]
    list_select_related = ["actor"]
    search_fields = ["actor__name", "actor__username", "reason", "object_id"]
    date_hierarchy = "at"
    fields = [
        *("number", "at", "actor", "deed", "what", "reason", "facts"),
        *("previous_hash", "hash"),
    ]

    @admin.display(description=_("act"), ordering="act")
    def deed(self, it):
        return ACTS.get(it.act, it.act)

    @admin.display(description=_("what"))
    def what(self, it):
        if not it.object_kind:
            return ""
        model = _model(it.object_kind)
        name = f"{model._meta.verbose_name if model else it.object_kind} {it.object_id}"
        url = _url(it)
        return format_html('<a href="{}">{}</a>', url, name) if url else name

    @admin.display(description=_("facts"))
    def details(self, it):
        told = {key: it.facts[key] for key in sorted(it.facts.keys() - NOT_LISTED)}
        if currency := told.pop("currency", None):
            told["amount"] = shown(told["amount"], currency)
        changed = told.pop("changed", {})
        facts = [f"{key} {_words(value)}" for key, value in told.items()]
        changes = [f"{name} {old} → {new}" for name, (old, new) in changed.items()]
        return ", ".join([*facts, *changes])


def _words(value):
    return ", ".join(value) if isinstance(value, list) else value


def _model(label):
    try:
        return apps.get_model(label)
    except LookupError:
        return None


def _url(it):
    page = f"admin:{it.object_kind.replace('.', '_')}_change"
    try:
        return reverse(page, args=[it.object_id])
    except NoReverseMatch:
        return None
