from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, Sum
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy
from unfold.admin import ModelAdmin
from unfold.decorators import action

from accounts.admin.journal import Journaled
from community.lib.admin import (
    ActsOnSome,
    ReadOnlyAdmin,
    ShowsMoney,
    ask_first,
    row_or_404,
    row_to_change,
)
from community.lib.money import shown
from community.lib.spreadsheets import send_csv
from incentives.errors import TooManyCodes
from incentives.forms.desk import CouponForm, LinesForm, NumberForm, PointsTermsForm
from incentives.models import (
    Coupon,
    CouponCode,
    CouponUse,
    PointsPaid,
    PointsTerms,
)
from incentives.services import coupon_codes
from incentives.services.coupon_codes import MOST_AT_ONCE

HEADER = [_("code"), _("handed to"), _("handed out at"), _("uses"), _("order")]
TOO_MANY = _("At most %(number)d at once.")


def _has_codes_of_its_own(coupon):
    return coupon.codes == Coupon.Codes.SINGLE and not coupon.is_partners


@admin.register(Coupon)
class CouponAdmin(ActsOnSome, Journaled, ShowsMoney, ModelAdmin):
    form = CouponForm
    journaled = [
        *("gives", "amount", "percent", "at_most", "opens", "days", "applies_to"),
        *(
            "kind",
            "offers",
            "minimum",
            "audience",
            "audience_key",
            "min_level",
            "starts_at",
        ),
        *("ends_at", "most_uses", "most_each", "periods", "stacks", "is_active"),
    ]
    money = ["amount"]
    list_display = [
        *("title", "gives", "amount", "percent", "codes", "audience"),
        *("used", "cost", "ends_at", "is_active"),
    ]
    list_filter = ["is_active", "gives", "codes", "audience"]
    search_fields = ["title", "title_zh", "partner", "all_codes__code"]
    autocomplete_fields = ["offers"]
    date_hierarchy = "created_at"
    fieldsets = [
        (None, {"fields": ["title", "title_zh", "description", "is_active"]}),
        (
            _("What it gives"),
            {
                "fields": [
                    *("gives", "currency", "amount", "percent", "at_most"),
                    *("opens", "days", "partner", "partner_url"),
                ]
            },
        ),
        (_("How it is had"), {"fields": ["codes", "shared_code"]}),
        (
            _("For what and for whom"),
            {
                "fields": [
                    *("applies_to", "kind", "offers", "minimum"),
                    *("audience", "audience_key", "min_level"),
                    *("starts_at", "ends_at"),
                ]
            },
        ),
        (
            pgettext_lazy("coupon", "How often"),
            {
                "fields": [
                    *("most_uses", "most_each", "periods", "stacks", "comes_back"),
                    *("used", "cost"),
                ]
            },
        ),
    ]
    actions_detail = ["make_codes", "take_in_codes", "list_members", "download_codes"]
    acts_on = {
        "make_codes": _has_codes_of_its_own,
        "take_in_codes": lambda coupon: coupon.is_partners,
        "list_members": lambda it: it.audience == Coupon.Audience.LISTED,
        "download_codes": lambda it: it.codes == Coupon.Codes.SINGLE,
    }

    def get_queryset(self, request):
        used = Q(uses__state=CouponUse.State.USED)
        rows = super().get_queryset(request)
        return rows.annotate(
            uses_made=Count("uses", filter=used),
            off_so_far=Sum("uses__amount", filter=used, default=0),
        )

    def get_readonly_fields(self, request, obj=None):
        """What was used stays what it was: end the coupon, and make another."""
        shown_only = ["used", "cost"]
        if obj is None or not obj.uses.exists():
            return shown_only
        return [*shown_only, "gives", "currency", "opens", "codes"]

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        code = form.cleaned_data.get("shared_code")
        if code and form.instance.codes == Coupon.Codes.SHARED:
            coupon_codes.name_shared(coupon=form.instance, code=code)

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.display(description=_("used"), ordering="uses_made")
    def used(self, coupon):
        made = getattr(coupon, "uses_made", 0)
        return f"{made} / {coupon.most_uses}" if coupon.most_uses else made

    @admin.display(description=_("taken off so far"), ordering="off_so_far")
    def cost(self, coupon):
        return shown(getattr(coupon, "off_so_far", 0), coupon.currency)

    @action(description=_("Make codes"), url_path="make-codes", permissions=["change"])
    def make_codes(self, request, object_id):
        coupon = row_to_change(self, request, object_id)

        def act(data):
            made = coupon_codes.make(coupon=coupon, by=request.user, **data)
            lines = ([code.code] for code in made)
            return send_csv(f"coupon-{coupon.pk}", HEADER[:1], lines)

        return ask_first(
            request,
            admin=self,
            row=coupon,
            form=NumberForm(request.POST or None),
            title=_("Make codes"),
            note=_("They are made and sent to you as a CSV file."),
            act=act,
        )

    @action(
        description=_("Take in the partner's codes"),
        url_path="take-in-codes",
        permissions=["change"],
    )
    def take_in_codes(self, request, object_id):
        coupon = row_to_change(self, request, object_id)

        def act(data):
            try:
                new = coupon_codes.take_in(
                    coupon=coupon, codes=data["names"], by=request.user
                )
            except TooManyCodes as error:
                text = TOO_MANY % {"number": MOST_AT_ONCE}
                raise ValidationError(text) from error
            text = ngettext("%(n)d new code.", "%(n)d new codes.", new)
            return text % {"n": new}

        return ask_first(
            request,
            admin=self,
            row=coupon,
            form=LinesForm(request.POST or None, request.FILES or None),
            title=_("Take in the partner's codes"),
            note=_("Each is handed to one member who asks for it."),
            act=act,
        )

    @action(
        description=_("Put members on the list"),
        url_path="list-members",
        permissions=["change"],
    )
    def list_members(self, request, object_id):
        coupon = row_to_change(self, request, object_id)

        def act(data):
            new, unknown = coupon_codes.list_members(
                coupon=coupon, names=data["names"], by=request.user
            )
            text = ngettext("%(n)d new member.", "%(n)d new members.", new)
            told = text % {"n": new}
            if unknown:
                nobody = _("Nobody is called: %(names)s")
                told = f"{told} {nobody % {'names': ', '.join(unknown[:20])}}"
            return told

        return ask_first(
            request,
            admin=self,
            row=coupon,
            form=LinesForm(request.POST or None, request.FILES or None),
            title=_("Put members on the list"),
            note=_("By handle or e-mail address."),
            act=act,
        )

    @action(description=_("Codes as CSV"), url_path="codes-csv", permissions=["change"])
    def download_codes(self, request, object_id):
        coupon = row_or_404(self, request, object_id)
        return send_csv(f"coupon-{coupon.pk}", HEADER, coupon_codes.lines_of(coupon))


@admin.register(CouponCode)
class CouponCodeAdmin(ReadOnlyAdmin):
    list_display = ["code", "coupon", "member", "handed_at", "created_at"]
    list_filter = ["coupon", "is_partners"]
    list_select_related = ["coupon", "member"]
    search_fields = ["code", "member__name", "member__username"]


@admin.register(CouponUse)
class CouponUseAdmin(ReadOnlyAdmin):
    list_display = ["at", "coupon", "member", "order", "amount", "state"]
    money = ["amount"]
    list_filter = ["state", "coupon"]
    list_select_related = ["coupon", "member", "order"]
    search_fields = ["member__name", "member__username", "order__number", "code__code"]
    date_hierarchy = "at"


@admin.register(PointsTerms)
class PointsTermsAdmin(Journaled, ShowsMoney, ModelAdmin):
    form = PointsTermsForm
    money = ["worth"]
    list_display = ["currency", "points", "worth", "most_percent", "is_active"]


@admin.register(PointsPaid)
class PointsPaidAdmin(ReadOnlyAdmin):
    list_display = ["at", "member", "order", "points", "amount", "state", "given_back"]
    money = ["amount"]
    list_filter = ["state"]
    list_select_related = ["member", "order"]
    search_fields = ["member__name", "member__username", "order__number"]
    date_hierarchy = "at"
