"""Stars and words about an item, on a page of their own and on the item's."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import active_member_required, visitors_sign_in
from content import access
from content.errors import NotUsed, OwnWork
from content.forms.ratings import RatingForm, ReplyToRatingForm
from content.services import quality
from content.services import ratings as stars


@require_safe
@visitors_sign_in
def ratings(request, slug):
    item = access.get_item_to_read(request.user, slug)
    return _show(request, item, _form_for(request, item))


def _form_for(request, item):
    """The form of who may judge, filled with what they said."""
    if not request.user.is_authenticated or not stars.may_rate(request.user, item):
        return None
    own = stars.own_of(item, request.user)
    return RatingForm(
        request.POST or None,
        initial={"stars": own.stars, "words": own.words} if own else None,
    )


def _show(request, item, form):
    context = {
        "item": item,
        "form": form,
        "own": stars.own_of(item, request.user),
        "standing": quality.standing_of(item),
        "ratings": stars.shown_of(item),
        "may_reply": access.may_answer_ratings(request.user, item),
    }
    status = 422 if form is not None and form.is_bound else 200
    return render(request, "content/library/ratings.html", context, status=status)


@active_member_required
@require_POST
def rate(request, slug):
    item = access.get_item_to_read(request.user, slug)
    if "withdraw" in request.POST:
        stars.withdraw(item=item, member=request.user)
        return redirect("content:ratings", item.slug)
    form = RatingForm(request.POST)
    if not form.is_valid():
        return _show(request, item, form)
    try:
        stars.rate(item=item, member=request.user, **form.cleaned_data)
    except (NotUsed, OwnWork):
        messages.error(request, _("Only who has used it and did not write it."))
    else:
        messages.success(request, _("Thank you. Your stars are counted."))
    return redirect("content:ratings", item.slug)


@active_member_required
@require_POST
def rating_helpful(request, pk):
    rating = access.get_rating_to_read(request.user, pk)
    try:
        stars.vote_helpful(rating=rating, member=request.user)
    except OwnWork:
        messages.error(request, _("It is your own."))
    return redirect("content:ratings", rating.item.slug)


@active_member_required
@require_POST
def rating_reply(request, pk):
    rating = access.get_rating_to_answer(request.user, pk)
    form = ReplyToRatingForm(request.POST)
    if form.is_valid():
        stars.reply(rating=rating, by=request.user, words=form.cleaned_data["words"])
    else:
        messages.error(request, _("A reply has at most 2000 characters."))
    return redirect("content:ratings", rating.item.slug)
