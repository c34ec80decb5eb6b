from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from accounts.forms.policies import PolicyForm
from accounts.models import Consent, Erasure, PolicyVersion, Purpose, RetentionRule
from accounts.models.personal import PersonalKind
from accounts.services import policies
from community.lib import markdown
from community.lib.admin import ReadOnlyAdmin, TellsChanges

# A personal fact is agreed to by giving it, so its kind is a purpose, too.
RULES = (PolicyVersion.Kind.RULES.value, PolicyVersion.Kind.RULES.label)
PURPOSES = [*Purpose.choices, *PersonalKind.choices, RULES]


@admin.register(PolicyVersion)
class PolicyVersionAdmin(ModelAdmin):
    """New versions are added; what members agreed to is not rewritten."""

    list_display = ["kind", "version", "language", "needs_consent", "published_at"]
    list_filter = ["kind", "language"]

    def add_view(self, request, form_url="", extra_context=None):
        """A version in all languages at once, published only as it was looked at."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        kind = request.GET.get("kind", PolicyVersion.Kind.PRIVACY)
        form = PolicyForm(request.POST or None, kind=kind)
        is_fine = request.method == "POST" and form.is_valid()
        was_seen = is_fine and request.POST.get("seen") == form.fingerprint()
        if was_seen and request.POST.get("act") == "publish":
            return self._publish(request, form)
        texts = form.texts() if is_fine else {}
        context = {
            **self.admin_site.each_context(request),
            "title": _("New version of a text"),
            "opts": self.model._meta,
            "form": form,
            "kinds": PolicyVersion.Kind.choices,
            "seen": form.fingerprint() if is_fine else "",
            "previews": [(code, markdown.render(text)) for code, text in texts.items()],
        }
        status = 422 if form.is_bound and not is_fine else 200
        return render(request, "admin/policy_new.html", context, status=status)

    def _publish(self, request, form):
        version = policies.publish(
            kind=form.cleaned_data["kind"],
            texts=form.texts(),
            note=form.cleaned_data["note"],
            needs_consent=form.cleaned_data["needs_consent"],
        )
        new = PolicyVersion.objects.filter(
            kind=form.cleaned_data["kind"], version=version
        )
        self.log_addition(request, new.first(), "Published")
        messages.success(
            request, _("Version %(number)s is in force.") % {"number": version}
        )
        return redirect("admin:accounts_policyversion_changelist")

    def has_change_permission(self, request, obj=None):
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(RetentionRule)
class RetentionRuleAdmin(TellsChanges, ModelAdmin):
    list_display = ["kind", "days", "purpose"]

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_readonly_fields(self, request, obj=None):
        return ["kind"]


@admin.register(Erasure)
class ErasureAdmin(ReadOnlyAdmin):
    list_display = [
        *("member", "asked_at", "due_at", "keeps_contributions"),
        *("cancelled_at", "done_at"),
    ]
    list_filter = [("done_at", admin.EmptyFieldListFilter)]
    list_select_related = ["member"]


class AgreedTo(admin.SimpleListFilter):
    title = _("purpose")
    parameter_name = "purpose"

    def lookups(self, request, model_admin):
        return PURPOSES

    def queryset(self, request, queryset):
        return queryset.filter(purpose=self.value()) if self.value() else queryset


@admin.register(Consent)
class ConsentAdmin(ReadOnlyAdmin):
    list_display = ["member", "agrees_to", "version", "given_at", "withdrawn_at"]
    list_filter = [AgreedTo]
    list_select_related = ["member"]
    search_fields = ["member__name", "member__username"]

    @admin.display(description=_("purpose"), ordering="purpose")
    def agrees_to(self, consent):
        return dict(PURPOSES).get(consent.purpose, consent.purpose)
