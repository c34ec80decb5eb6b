from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import access
from accounts.decorators import active_member_required
from accounts.forms.experts import CredentialForm, ExpertForm
from accounts.services import experts
from community.lib.files import send_file


@active_member_required
def expert(request):
    """What one says one knows; below it the proofs, and the asking."""
    mine = access.expert_of(request.user)
    form = ExpertForm(request.POST or None, instance=mine)
    if request.method != "POST" or not form.is_valid():
        return _page(request, form=form)
    experts.save_expert(
        member=request.user,
        headline=form.cleaned_data["headline"],
        fields=list(form.cleaned_data["fields"]),
    )
    messages.success(request, _("Saved."))
    return redirect("accounts:expert")


def _page(request, *, form=None, credential_form=None):
    mine = access.expert_of(request.user)
    bound = [f for f in (form, credential_form) if f is not None and f.is_bound]
    context = {
        "expert": mine,
        "form": form or ExpertForm(instance=mine),
        "credential_form": credential_form or CredentialForm(),
        "credentials": list(mine.credentials.all()) if mine else [],
        "can_add": mine and experts.may_add_credential(mine),
    }
    status = 422 if bound else 200
    return render(request, "accounts/experts/mine.html", context, status=status)


@active_member_required
@require_POST
def credential_add(request):
    mine = access.get_expert_to_change(request.user)
    form = CredentialForm(request.POST, request.FILES)
    if not form.is_valid() or not experts.may_add_credential(mine):
        return _page(request, credential_form=form)
    experts.add_credential(expert=mine, **form.cleaned_data)
    messages.success(request, _("Added."))
    return redirect("accounts:expert")


@active_member_required
@require_POST
def credential_remove(request, pk):
    experts.remove_credential(access.get_credential_to_change(request.user, pk))
    messages.success(request, _("Removed."))
    return redirect("accounts:expert")


@login_required
@require_safe
def credential_document(request, pk):
    credential = access.get_credential_to_see(request.user, pk)
    return send_file(request, credential.document.name)


@active_member_required
@require_POST
def expert_ask(request):
    mine = access.get_expert_to_change(request.user)
    if experts.ask(mine):
        messages.success(request, _("Sent. An operator looks at it and writes to you."))
    else:
        messages.error(request, _("First add at least one proof."))
    return redirect("accounts:expert")
