"""What can be done with one post, beyond what stands under it; and what is new."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from accounts.decorators import active_member_required, visitors_sign_in
from community.lib.files import send_file
from community.lib.pictures import NotAPicture
from community.lib.text import small_number
from community.lib.uploads import NotAccepted
from content import access
from content.errors import NoRoom
from content.forms.discussions import FileForm
from content.models import Reaction
from content.models.discussions import page_of
from content.services import bookmarks, discussions, post_files, reactions
from content.services.mentions import people_to_name
from content.services.post_history import edits_of
from content.services.reading import topics_read_lately
from content.views.asking import asked_first
from content.views.topics import show_post


@require_safe
@login_required
def post_more(request, pk):
    return _more(request, access.get_post_to_read(request.user, pk))


def _more(request, post):
    own = reactions.own_kinds(post, request.user)
    context = {
        "post": post,
        "link": request.build_absolute_uri(post.get_absolute_url()),
        "signs": [(kind.value, kind.label, kind in own) for kind in Reaction.Kind],
        "may_react": post.author_id != request.user.pk,
        "may_report": post.author_id != request.user.pk,
        "is_kept": bookmarks.is_kept(member=request.user, post=post),
    }
    part = "#actions" if request.htmx else ""
    return render(request, f"content/topics/more.html{part}", context)


@require_POST
@active_member_required
def post_react(request, pk):
    post = access.get_post_to_judge(request.user, pk)
    undone = request.POST.get("undo", "")
    kind = undone or request.POST.get("kind", "")
    if kind not in Reaction.Kind:
        raise Http404
    change = discussions.take_back_reaction if undone else discussions.react
    change(post=post, kind=Reaction.Kind(kind), by=request.user)
    if not request.htmx:
        return redirect(post)
    return show_post(request, post)


@require_safe
@login_required
def post_reactions(request, pk):
    """Who thanked, and who set which sign."""
    post = access.get_post_to_read(request.user, pk)
    context = {"post": post, "signs": reactions.people_of(post)}
    return render(request, "content/topics/reactions.html", context)


@require_POST
@active_member_required
def post_bookmark(request, pk):
    post = access.get_post_to_read(request.user, pk)
    change = bookmarks.drop if request.POST.get("undo") == "1" else bookmarks.keep
    change(member=request.user, post=post)
    return _more(request, post) if request.htmx else redirect("content:post_more", pk)


@require_safe
@visitors_sign_in
def post_history(request, pk):
    post = access.get_post_to_read(request.user, pk)
    is_operator = access.is_operator(request.user)
    context = {
        "post": post,
        "edits": edits_of(post, with_hidden=is_operator),
        "may_hide": is_operator,
    }
    return render(request, "content/topics/history.html", context)


@require_POST
@active_member_required
def version_hide(request, pk):
    revision = access.get_revision_to_hide(request.user, pk)
    back = redirect("content:post_history", revision.post_id)
    if request.POST.get("undo") == "1":
        discussions.show_revision(revision=revision)
        return back
    question = _("Hide this earlier text from everybody but operators?")
    asked = asked_first(request, question, back.url)
    if asked:
        return asked
    discussions.hide_revision(revision=revision, by=request.user)
    return back


@require_safe
@active_member_required
def post_quote(request, pk):
    """Where to carry a quote of this post to; our scripts only want its words."""
    post = access.get_post_to_read(request.user, pk)
    words = discussions.quotation_of(post)
    if request.GET.get("as") == "text":
        return HttpResponse(words, content_type="text/plain; charset=utf-8")
    place = discussions.place_of(post.topic)
    context = {
        "post": post,
        "words": words,
        "is_private": place and place.access != place.Access.PUBLIC,
        "spaces": access.get_spaces_to_write_in(request.user),
        "topics": topics_read_lately(request.user, but=post.topic_id),
    }
    return render(request, "content/topics/quote.html", context)


# Files --------------------------------------------------------------------------------


@require_safe
@visitors_sign_in
@cache_control(private=True, max_age=3600)
def post_file(request, key):
    file = access.get_post_file(request.user, key)
    return send_file(request, file.path)


@require_POST
@active_member_required
def post_file_add(request):
    """A picture or file that was pasted, dropped or chosen: what to write for it."""
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return JsonResponse({"error": _("Choose a file first.")}, status=422)
    try:
        file = post_files.add_file(upload=form.cleaned_data["file"], by=request.user)
    except (NotAccepted, NotAPicture, NoRoom) as error:
        return JsonResponse({"error": str(error)}, status=422)
    return JsonResponse({"markdown": post_files.markdown_of(file)})


# What is new --------------------------------------------------------------------------


@require_GET
@never_cache
def topic_news(request, pk):
    """How many posts came after those that an open page shows; mostly nothing. Asked by
    every open page again and again: one statement answers it."""
    if not request.user.is_authenticated:
        return HttpResponse(status=401)
    topic = access.get_topic_to_show(request.user, pk, page=1)
    after = small_number(request.GET.get("after", ""))
    if after is None:
        raise Http404
    told = small_number(request.GET.get("told", "")) or 0
    if topic.last_number <= max(after, told):
        return HttpResponse(status=204)
    context = {
        "topic": topic,
        "after": after,
        "number": topic.last_number - after,
        "first": after + 1,
        "page": page_of(after + 1),
        "url": topic.url_of(after + 1),
    }
    return render(request, "content/topics/_news.html", context)


@require_GET
@active_member_required
def topic_people(request, pk):
    """Who may be meant by the handle that is being typed."""
    topic = access.get_topic_to_read(request.user, pk)
    words = request.GET.get("q", "").strip()[:40]
    found = people_to_name(topic, words, by=request.user) if words else []
    people = [{"handle": it.username, "name": str(it)} for it in found]
    return JsonResponse({"people": people})
