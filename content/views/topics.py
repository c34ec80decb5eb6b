from uuid import uuid4

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from accounts.decorators import active_member_required, visitors_sign_in
from accounts.services.visits import note_visit
from community.lib.pages import page_for_visitors
from community.lib.text import small_number
from content import access, blocks
from content.errors import ChangedMeanwhile
from content.forms.discussions import PostForm, ReplyForm, send
from content.models import Case, Topic
from content.models.discussions import numbers_on, page_of
from content.services import (
    answers,
    comparing,
    discussions,
    polls,
    posting,
    search,
    sharing,
)
from content.services.structured import topic_facts
from content.views.polls import shown_poll
from content.views.quoting import carried_quote

# What a form that is shown again says of itself, not its writer.
ASKED_ANEW = {"base", "form_key"}


@require_GET
@visitors_sign_in
def topic(request, pk, words):
    page = _page_asked(request)
    try:
        facts = access.get_topic_to_show(request.user, pk, page)
    except Http404:
        return _lead_on(request, pk)
    if facts.hidden and access.went_into_another(pk):  # as operators meet it
        return _lead_on(request, pk)
    discussions.hear_of(request.user, facts.pk, numbers_on(page)[1])
    poll = _poll_in(request, facts)
    answer = page_for_visitors(
        request,
        (facts, poll),
        lambda: _show(request, facts, page, **shown_poll(request, poll)),
        asks=["page"],
    )
    _remember_reading(request.user, facts, page)
    return answer


@require_GET
@visitors_sign_in
def topic_unread(request, pk):
    """The first post this member has not read, or the last one there is."""
    facts = access.get_topic_to_show(request.user, pk, page=1)
    return redirect(facts.url_of(min((facts.read_to or 0) + 1, facts.last_number)))


@require_GET
@active_member_required
def topics_similar(request):
    """What was asked before, for the title that is being typed."""
    title = request.GET.get("title", "")
    context = {"similar": search.questions_with(title, request.user)}
    return render(request, "content/topics/_similar.html", context)


@require_http_methods(["GET", "POST"])
@active_member_required
def topic_reply(request, pk):
    topic = access.get_topic_to_read(request.user, pk)
    if request.method == "GET":  # back from signing in again
        return redirect(f"{topic.get_absolute_url()}#reply")
    form = ReplyForm(request.POST, request.FILES)
    post = send(form, posting.post_reply, topic=topic, author=request.user)
    if post is None:
        return _refuse_reply(request, topic, form)
    if isinstance(post, Case):
        return _to_held(request, post)
    if request.htmx:
        return _show_posts_to(request, post)
    return redirect(post)


@active_member_required
def post_edit(request, pk):
    post = access.get_post_to_edit(request.user, pk)
    may_announce = access.may_announce(request.user, post.topic.space_id)
    form = PostForm(
        request.POST or None,
        request.FILES or None,
        post=post,
        may_announce=may_announce,
    )
    try:
        changed = send(form, posting.change_post, post=post, author=request.user)
    except ChangedMeanwhile as error:
        mine, form = form.cleaned_data, PostForm(post=post, may_announce=may_announce)
        return _show_both(request, post, form, mine, theirs=error.texts)
    if changed is None:
        return _edit(request, post, form, status=422 if form.is_bound else 200)
    if isinstance(changed, Case):
        return redirect(changed)
    return redirect(post.topic.url_of(post.number))


def _show_both(request, post, form, mine, *, theirs):
    """Saved again after reading both, it is saved over what is shown as the other."""
    form.initial |= {
        name: said for name, said in mine.items() if name not in ASKED_ANEW
    }
    conflict = comparing.texts_compared(before=theirs, after=mine)
    return _edit(request, post, form, status=409, conflict=conflict)


def _edit(request, post, form, *, status, conflict=None):
    context = {"form": form, "post": post, "conflict": conflict}
    return render(request, "content/topics/edit.html", context, status=status)


@require_POST
@active_member_required
def post_like(request, pk):
    post = access.get_post_to_judge(request.user, pk)
    change = discussions.unlike_post if _undo(request) else discussions.like_post
    change(post=post, by=request.user)
    if not request.htmx:
        return redirect(post)
    return show_post(request, post)


def show_post(request, post):
    """Only this post anew."""
    page = page_of(post.number)
    facts = access.get_topic_to_show(request.user, post.topic_id, page)
    return HttpResponse(blocks.post_for(facts, page, post.number, request.user))


@require_POST
@active_member_required
def answer_accept(request, pk):
    if _undo(request):
        post, role = access.get_answer_to_unaccept(request.user, pk)
        discussions.unaccept_answer(post=post, by=request.user, role=role)
    else:
        post, role = access.get_answer_to_accept(request.user, pk)
        discussions.accept_answer(post=post, by=request.user, role=role)
    return redirect(post.topic.url_of(post.number))


@require_POST
@active_member_required
def answer_vote(request, pk):
    post = access.get_answer_to_vote_on(request.user, pk)
    found = {"helpful": True, "unhelpful": False}.get(request.POST.get("vote", ""))
    discussions.vote_on_answer(post=post, by=request.user, is_helpful=found)
    if not request.htmx:
        return redirect(post)
    return show_post(request, post)


@require_GET
@visitors_sign_in
def topic_best(request, pk):
    """The best answers to a question, of all its pages."""
    facts = access.get_question_to_show(request.user, pk)
    context = {"topic": facts, "answers": answers.best(facts.pk)}
    return render(request, "content/topics/best.html", context)


def _lead_on(request, pk):
    """To where the posts of a merged topic stand now."""
    gone = access.get_topic_it_went_into(request.user, pk)
    return redirect(gone.merged_into.url_of(gone.merged_at_number))


def _poll_in(request, facts):
    if facts.kind != Topic.Kind.POLL:
        return None
    return polls.read_poll(viewer=request.user, topic=facts.pk)


def _page_asked(request) -> int:
    asked = request.GET.get("page", "1")
    number = small_number(asked)
    if not number:
        raise Http404
    return number


def _to_held(request, case):
    """What was written waits: its author sees how, and what happens next."""
    if request.htmx:
        return HttpResponseClientRedirect(case.get_absolute_url())
    return redirect(case)


def _undo(request) -> bool:
    return request.POST.get("undo") == "1"


def _show(request, facts, page, template="content/topics/detail.html", **more):
    # Other posts leave the reply alone that may have been begun; sending it does not.
    part = request.htmx.target
    if part in ("posts", "talk"):
        template += f"#{part}"
    context = {
        "topic": facts,
        "page": page,
        "pages": page_of(facts.last_number),
        "posts": blocks.posts_for(facts, page, request.user),
    }
    if part != "posts":
        context |= _around_posts(request, facts)
    return render(request, template, context | more)


def _around_posts(request, facts):
    context = {
        "form": _begun_reply(request, facts),
        "form_key": uuid4(),
        "reply_url": f"/topics/{facts.pk}/reply/",
        "accepted": [(number, facts.url_of(number)) for number in facts.accepted],
        "has_several": facts.is_question and facts.reply_count > 1,
        "unread_url": facts.has_news and facts.url_of(facts.read_to + 1),
        "may_close": access.keeps_order(request.user, facts),
        "shown": sharing.shown(facts),
    }
    if not request.user.is_authenticated:  # as search engines come
        context["structured"] = topic_facts(facts)
    return context


def _begun_reply(request, facts):
    """A reply that answers one post begins with it as a quote; others are empty."""
    carried = carried_quote(request)
    if carried:
        return ReplyForm(initial={"body": carried})
    number = small_number(request.GET.get("quote", ""))
    if not number:
        return None
    quote = discussions.quotation(topic_id=facts.pk, number=number)
    return ReplyForm(initial={"reply_to": number, "body": quote})


def _remember_reading(member, facts, page) -> None:
    if not member.is_authenticated:
        return
    note_visit(member, facts, facts.space_id)
    seen = min(facts.last_number, numbers_on(page)[1])
    if seen > (facts.read_to or 0):
        discussions.mark_read(member_id=member.pk, topic_id=facts.pk, last_number=seen)


def _show_posts_to(request, post):
    """After a reply by htmx: the page it stands on, with an empty form again."""
    page = page_of(post.number)
    facts = access.get_topic_to_show(request.user, post.topic_id, page)
    answer = _show(request, facts, page)
    answer["HX-Push-Url"] = post.get_absolute_url()
    return answer


def _refuse_reply(request, topic, form):
    page = page_of(topic.last_number)
    facts = access.get_topic_to_show(request.user, topic.pk, page)
    about = shown_poll(request, _poll_in(request, facts))
    answer = _show(request, facts, page, form=form, **about)
    answer.status_code = 422
    return answer
