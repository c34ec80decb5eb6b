from functools import partial

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import ProtectedError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import active_member_required
from accounts.services import offers, shares
from community.lib.text import without_nul
from content import access
from content.errors import (
    NeedsItself,
    NotAllowedNow,
    NotAskedAgain,
    NotReady,
    TooManyDrafts,
    TooManyInvitations,
)
from content.forms.editorial import StepForm
from content.forms.guiding import PromoteForm
from content.forms.writing import (
    CoAuthorForm,
    ItemBeginForm,
    ItemFileForm,
    ItemSettingsForm,
)
from content.models import EditorialStep
from content.services import (
    co_authors,
    editorial,
    items,
    prerequisites,
    promoting,
    sharing,
    writing,
)
from content.services.checklists import points_of
from content.services.outline import outline_of
from content.services.studio import studio_of
from content.services.tags import LONGEST_NAME
from content.views.asking import asked_first
from content.views.uploads import took_file

Act = EditorialStep.Act
PER_PAGE = 50
TOO_MANY = gettext_lazy("You have very many drafts: finish or throw away some first.")


@login_required
@require_safe
def studio(request):
    """What one writes: for mentors also who learns, who asks, what they earn."""
    access.check_may_write(request.user)
    found = studio_of(request.user)
    context = {
        "studio": found,
        "page": Paginator(found.written, PER_PAGE).get_page(request.GET.get("page")),
        "invitations": co_authors.waiting_for(request.user).select_related(
            "item", "by"
        ),
        "owed": shares.owed_by_currency(request.user),
        "teaches": access.may_teach(request.user),
        "is_on_the_desk": access.is_on_the_desk(request.user),
        "keeps_order": access.may_moderate(request.user),
        "leads_events": access.may_lead_events(request.user),
        "answers": access.may_care_for_questions(request.user),
        "may_welcome": access.may_welcome(request.user),
    }
    return render(request, "content/studio/studio.html", context)


@active_member_required
def item_new(request):
    teaches = access.may_teach(request.user)
    tag = without_nul(request.GET.get("tag", "")).strip()[:LONGEST_NAME]
    form = ItemBeginForm(request.POST or None, teaches=teaches, tag=tag)
    if form.is_valid():
        try:
            item = writing.begin(author=request.user, **form.cleaned_data)
        except TooManyDrafts:
            form.add_error(None, TOO_MANY)
        else:
            return redirect("content:item_manage", item.pk)
    status = 422 if form.is_bound else 200
    return render(request, "content/studio/new.html", {"form": form}, status=status)


@login_required
@require_safe
def item_manage(request, pk):
    """Everything about one item: where it stands, its outline, who writes it."""
    item = access.get_item_in_studio(request.user, pk)
    return _manage(request, item)


def _manage(
    request, item, *, refused=None, missing=(), co_author_form=None, file_form=None
):
    acts = access.acts_open_to(request.user, item)
    on_the_way = access.get_uploads_for(request.user, item)
    is_own = access.writes(request.user, item)
    forms = {
        act: StepForm(act=act, at=item.published_at, is_own=is_own) for act in acts
    }
    if refused is not None:
        forms[refused.step] = refused
    context = {
        "item": item,
        "outline": outline_of(item),
        "steps": item.editorial_steps.select_related("member"),
        "forms": list(forms.values()),
        "missing": missing,
        "refused": refused,
        "points": points_of(item) if Act.ACCEPTED in acts else [],
        "flags": item.outdated_flags.filter(closed_at=None).select_related("member"),
        "co_authors": item.co_authors.select_related("member"),
        "invitations": co_authors.unanswered(item),
        "offers": offers.opening(item.key) if item.is_sold else [],
        "files": item.files.all(),
        "file_form": file_form or ItemFileForm(on_the_way=on_the_way),
        "on_the_way": on_the_way,
        "co_author_form": co_author_form or CoAuthorForm(),
        "may_write": access.may_write(request.user, item),
        "may_discard": access.may_discard(request.user, item),
        "may_share": access.may_share(request.user, item),
        "shared": sharing.shares_of(item) if item.is_live else None,
    }
    is_refused = refused or missing or co_author_form or file_form
    status = 422 if is_refused else 200
    return render(request, "content/studio/manage.html", context, status=status)


@active_member_required
def topic_promote(request, pk):
    """A topic becomes the draft of an article, with credit; of which posts is asked."""
    topic = access.get_topic_to_guide(request.user, pk)
    form = PromoteForm(
        request.POST if request.method == "POST" else None,
        posts=access.get_posts_to_take(topic),
        best=[post.number for post in promoting.worth_keeping(topic)],
    )
    if not form.is_valid():
        context = {"topic": topic, "form": form}
        status = 422 if form.is_bound else 200
        return render(request, "content/topics/promote.html", context, status=status)
    try:
        item = promoting.promote(topic=topic, by=request.user, **form.cleaned_data)
    except TooManyDrafts:
        messages.error(request, TOO_MANY)
        return redirect(topic)
    if access.writes(request.user, item) or access.is_on_the_desk(request.user):
        return redirect("content:item_manage", item.pk)
    messages.info(request, _("Somebody has made an article of it already."))
    return redirect(topic)


@active_member_required
@require_POST
def item_step(request, pk):
    act = request.POST.get("act", "")
    item = access.get_item_to_step(request.user, pk, act)
    is_own = access.writes(request.user, item)
    form = StepForm(request.POST, act=Act(act), is_own=is_own)
    if not form.is_valid():
        return _manage(request, item, refused=form)
    told = {name: it for name, it in form.cleaned_data.items() if name != "act"}
    try:
        editorial.DO[act](item=item, by=request.user, **told)
    except NotReady as error:
        return _manage(request, item, refused=form, missing=error.points)
    except NotAllowedNow:
        messages.warning(request, _("It has moved on meanwhile; nothing was changed."))
    return redirect("content:item_manage", pk)


@active_member_required
@require_POST
def item_tick(request, pk):
    """One point of the checklist, found true or not."""
    item = access.get_item_to_tick(request.user, pk)
    point = access.get_point(item, request.POST.get("point", ""))
    is_true = request.POST.get("is_true") == "1"
    editorial.tick(item=item, point=point, by=request.user, is_true=is_true)
    return redirect(f"/studio/items/{pk}/#checklist")


@active_member_required
def item_settings(request, pk):
    item = access.get_item_to_write(request.user, pk)
    form = ItemSettingsForm(
        request.POST or None,
        request.FILES or None,
        instance=item,
        member=request.user,
        teaches=access.may_teach(request.user),
    )
    if not (form.is_valid() and _needs_are_set(form, item)):
        context = {"form": form, "item": item}
        status = 422 if form.is_bound else 200
        return render(request, "content/studio/settings.html", context, status=status)
    values = dict(form.cleaned_data)
    values.pop("needs", None)
    made, drop = values.pop("cover"), values.pop("no_cover", False)
    writing.save_settings(item=item, **values)
    if made:
        items.set_cover(item=item, made=made)
    elif drop:
        items.drop_cover(item=item)
    messages.success(request, _("Saved."))
    return redirect("content:item_manage", pk)


def _needs_are_set(form, item):
    if "needs" not in form.cleaned_data:
        return True
    try:
        prerequisites.set_prerequisites(course=item, needs=form.cleaned_data["needs"])
    except NeedsItself:
        form.add_error(
            "needs", _("One of these needs this course to be finished first.")
        )
    return form.is_valid()


@active_member_required
@require_POST
def item_discard(request, pk):
    item = access.get_item_to_discard(request.user, pk)
    question = _("Throw this away, with all that was ever written in it?")
    back = reverse("content:item_manage", args=[pk])
    if page := asked_first(request, question, back):
        return page
    try:
        writing.discard(item=item)
    except (NotAllowedNow, ProtectedError):
        messages.error(request, _("Others have begun to use it; it stays."))
        return redirect("content:item_manage", pk)
    messages.success(request, _("Thrown away."))
    return redirect("content:studio")


@active_member_required
@require_POST
def file_add(request, pk):
    item = access.get_item_to_write(request.user, pk)
    on_the_way = access.get_uploads_for(request.user, item)
    form = ItemFileForm(request.POST, request.FILES, on_the_way=on_the_way)
    add = partial(writing.add_file, item=item)
    if form.is_valid() and took_file(form, "file", add):
        return redirect(f"/studio/items/{pk}/#files")
    return _manage(request, item, file_form=form)


@active_member_required
@require_POST
def file_change(request, pk):
    file = access.get_file_to_change(request.user, pk)
    back = reverse("content:item_manage", args=[file.item_id]) + "#files"
    match request.POST.get("do"):
        case "remove":
            if page := asked_first(request, _("Take out this file?"), back):
                return page
            writing.remove_file(file=file)
        case "up":
            writing.move_file(file=file, by=-1)
        case "down":
            writing.move_file(file=file, by=1)
    return redirect(back)


@active_member_required
@require_POST
def co_author_add(request, pk):
    item = access.get_item_to_share(request.user, pk)
    form = CoAuthorForm(request.POST)
    if not (form.is_valid() and _is_asked(form, item, request.user)):
        return _manage(request, item, co_author_form=form)
    return redirect("content:item_manage", pk)


def _is_asked(form, item, by):
    try:
        co_authors.ask(item=item, member=form.cleaned_data["name"], by=by)
    except NotAskedAgain:
        form.add_error("name", _("They have declined. Let some months go by."))
    except TooManyInvitations:
        form.add_error("name", _("You have asked many today. Go on tomorrow."))
    return form.is_valid()


@active_member_required
@require_POST
def co_author_change(request, pk):
    co_author = access.get_co_author(request.user, pk)
    match request.POST.get("do"):
        case "remove":
            return _without(request, co_author)
        case "up":
            co_authors.move(co_author=co_author, by=-1)
        case "down":
            co_authors.move(co_author=co_author, by=1)
    return redirect("content:item_manage", co_author.item_id)


def _without(request, co_author):
    """Taken out by who may share it, or gone by themselves."""
    back = reverse("content:item_manage", args=[co_author.item_id])
    if co_author.member_id != request.user.pk:
        told = {"name": co_author.member}
        question = _("Take “%(name)s” out of the authors?") % told
        if page := asked_first(request, question, back):
            return page
        co_authors.remove(co_author=co_author)
        return redirect(back)
    question = _("Leave the authors? You will no longer see it here.")
    if page := asked_first(request, question, back):
        return page
    co_authors.leave(co_author=co_author)
    return redirect("content:studio")


@active_member_required
@require_POST
def invitation_answer(request, pk):
    """Whoever is asked to write with others says yes or no."""
    invitation = access.get_invitation_to_answer(request.user, pk)
    if request.POST.get("answer") != "accept":
        co_authors.decline(invitation=invitation)
        messages.success(request, _("Declined. It is not asked again for some months."))
        return redirect("content:studio")
    co_authors.accept(invitation=invitation)
    if access.writes(request.user, invitation.item):
        return redirect("content:item_manage", invitation.item_id)
    messages.info(request, _("The invitation was taken back meanwhile."))
    return redirect("content:studio")


@active_member_required
@require_POST
def invitation_take_back(request, pk):
    invitation = access.get_invitation_to_take_back(request.user, pk)
    co_authors.take_back(invitation=invitation)
    return redirect("content:item_manage", invitation.item_id)
