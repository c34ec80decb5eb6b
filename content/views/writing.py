"""The composer: writing, keeping, comparing and going back."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import active_member_required, visitors_sign_in
from community.lib.files import send_file
from community.lib.pictures import NotAPicture
from content import access
from content.errors import ChangedMeanwhile, NoRoom, TooManyPictures
from content.forms.writing import PictureForm, TextsForm, base_of, typed_texts
from content.services import comparing, pictures, revisions
from content.services.revisions import item_of
from content.services.texts import LONG, fields_of, fingerprint, texts_of
from content.views.asking import ask


@active_member_required
def compose(request, of, pk):
    thing = access.get_thing_to_write(request.user, of, pk)
    if request.method == "POST":
        return _save(request, of, thing)
    now = texts_of(thing)
    draft = revisions.draft_of(thing, request.user)
    texts, base = (draft.texts, draft.base) if draft else (now, fingerprint(now))
    form = TextsForm(thing=thing, texts=texts, base=base)
    return _page(request, of, thing, form, draft=draft, theirs=_newer(now, base))


def _newer(now, base):
    """The saved texts, where somebody changed them since `base`."""
    return now if fingerprint(now) != base else None


def _save(request, of, thing):
    form = TextsForm(request.POST, thing=thing, texts={}, base="")
    if "drop" in request.POST:
        return _back_to_saved(request, of, thing)
    if "add_picture" in request.POST:
        return _add_picture_without_scripts(request, of, thing)
    if "preview" in request.POST:
        return _page(request, of, thing, form, html=_rendered(request, thing))
    if not form.is_valid():
        return _page(request, of, thing, form, status=422)
    base = form.cleaned_data["base"]
    try:
        revisions.save_texts(thing=thing, texts=form.texts, base=base, by=request.user)
    except ChangedMeanwhile as error:
        return _show_both(request, of, thing, form.texts, error.texts)
    messages.success(request, _("Saved."))
    return redirect("content:compose", of, thing.pk)


def _back_to_saved(request, of, thing):
    """Until it is sure, what stands in the fields is kept: one may think better."""
    back = reverse("content:compose", args=[of, thing.pk])
    if request.POST.get("sure") != "1":
        _keep_typed(request, thing)
        question = _("Throw your unsaved text away?")
        return ask(request, question, back, sent=[("drop", "1")])
    revisions.drop_draft(thing=thing, author=request.user)
    return redirect(back)


def _keep_typed(request, thing):
    typed = typed_texts(request.POST, thing)
    base = base_of(request.POST)
    return revisions.keep_draft(thing=thing, texts=typed, base=base, by=request.user)


def _show_both(request, of, thing, mine, theirs):
    """Saved again after reading both, it is saved over what is shown as theirs."""
    base = fingerprint(theirs)
    revisions.keep_draft(thing=thing, texts=mine, base=base, by=request.user)
    form = TextsForm(thing=thing, texts=mine, base=base)
    return _page(request, of, thing, form, theirs=theirs, status=409)


def _page(request, of, thing, form, *, draft=None, theirs=None, html="", status=200):
    item = item_of(thing)
    mine = form.initial if not form.is_bound else typed_texts(form.data, thing)
    context = {
        "form": form,
        "of": of,
        "thing": thing,
        "item": item,
        "draft": draft,
        "long": [name for name in fields_of(thing) if name in LONG],
        "conflict": theirs and comparing.changes(thing, before=theirs, after=mine),
        "html": html or comparing.rendered(thing, mine),
    }
    return render(request, "content/studio/compose.html", context, status=status)


def _rendered(request, thing):
    return comparing.rendered(thing, typed_texts(request.POST, thing))


@active_member_required
@require_POST
def compose_preview(request, of, pk):
    thing = access.get_thing_to_write(request.user, of, pk)
    context = {"html": _rendered(request, thing)}
    return render(request, "content/studio/_preview.html", context)


@active_member_required
@require_POST
def autosave(request, of, pk):
    """What is typed, kept by the server; and whether somebody else saved meanwhile."""
    thing = access.get_thing_to_write(request.user, of, pk)
    kept_at = _keep_typed(request, thing)
    changed = fingerprint(texts_of(thing)) != base_of(request.POST)
    return JsonResponse({"at": f"{localtime(kept_at):%H:%M}", "changed": changed})


@active_member_required
@require_POST
def picture_add(request, of, pk):
    """A picture that was pasted, dropped or chosen: what to write for it."""
    thing = access.get_thing_to_write(request.user, of, pk)
    markdown, error = _take_picture(request, thing)
    if error:
        return JsonResponse({"error": error}, status=422)
    return JsonResponse({"markdown": markdown})


def _take_picture(request, thing):
    """What to write for it; or why it was not taken."""
    form = PictureForm(request.POST, request.FILES)
    if not form.is_valid():
        return None, _("Choose a picture first.")
    try:
        picture = pictures.add_picture(
            item=item_of(thing), upload=form.cleaned_data["picture"], by=request.user
        )
    except (NotAPicture, NoRoom) as error:
        return None, str(error)
    except TooManyPictures:
        return None, _("There are too many pictures here already.")
    return pictures.markdown_of(picture, form.cleaned_data["alt"]), ""


def _add_picture_without_scripts(request, of, thing):
    texts = typed_texts(request.POST, thing)
    markdown, error = _take_picture(request, thing)
    if error:
        messages.error(request, error)
    else:
        name = next(name for name in reversed(fields_of(thing)) if name in LONG)
        added = f"{texts.get(name, '')}\n\n{markdown}\n"
        texts[name] = added.lstrip()
    form = TextsForm(thing=thing, texts=texts, base=base_of(request.POST))
    return _page(request, of, thing, form, status=422 if error else 200)


@visitors_sign_in
@require_safe
@cache_control(private=True, max_age=3600)
def picture(request, key):
    return send_file(request, access.get_picture_to_see(request.user, key).path)


# Going back -----------------------------------------------------------------------


@login_required
@require_safe
def history(request, of, pk):
    thing = access.get_thing_in_studio(request.user, of, pk)
    context = {
        "thing": thing,
        "item": item_of(thing),
        "of": of,
        "revisions": revisions.revisions_of(thing).select_related("author")[:200],
    }
    return render(request, "content/studio/history.html", context)


@login_required
@require_safe
def revision(request, of, pk, number):
    """What one saving changed; or, asked so, what is different now."""
    shown = access.get_revision(request.user, of, pk, number)
    thing = access.get_thing_in_studio(request.user, of, pk)
    to_now = request.GET.get("to") == "now"
    before = revisions.before(shown)
    if to_now:
        changes = comparing.changes(thing, before=shown.texts, after=texts_of(thing))
    else:
        changes = comparing.changes(thing, before=before, after=shown.texts)
    context = {
        "thing": thing,
        "item": item_of(thing),
        "of": of,
        "revision": shown,
        "changes": changes,
        "to_now": to_now,
        "html": comparing.rendered(thing, shown.texts),
        "may_write": access.may_write(request.user, item_of(thing)),
    }
    return render(request, "content/studio/revision.html", context)


@active_member_required
@require_POST
def revision_restore(request, of, pk, number):
    access.get_thing_to_write(request.user, of, pk)
    old = access.get_revision(request.user, of, pk, number)
    revisions.restore(revision=old, by=request.user)
    messages.success(request, _("Restored. What stood there before is in the list."))
    return redirect("content:history", of, pk)
