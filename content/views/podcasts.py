"""The podcast of one member: its address, what it lists, and the files."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.feedgenerator import Enclosure, Rss201rev2Feed
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_POST, require_safe

from accounts.decorators import active_member_required
from accounts.services import community
from community.lib.files import send_file
from community.lib.xml import WithoutControls
from content import access
from content.services import podcasts
from content.views.secret_addresses import show_address

ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
UNKNOWN_LENGTH = "0"  # asking a bucket for each would take seconds


@active_member_required
def podcast_address(request):
    return show_address(request, podcasts, "content/learning/podcast.html")


@active_member_required
@require_POST
def podcast_address_remove(request):
    podcasts.remove_address(member=request.user)
    messages.success(request, _("The address leads nowhere any more."))
    return redirect("content:podcast_address")


@require_safe
@cache_control(private=True)
@conditional_page
def podcast(request, token):
    member = access.get_listener(token)
    here = request.build_absolute_uri(podcasts.address_of(token))
    feed = PodcastFeed(
        title=_("%(community)s: my podcast") % {"community": community.current()},
        link=request.build_absolute_uri("/library/"),
        description=community.current().goal or str(community.current()),
        language=member.language or None,
        feed_url=here,
    )
    for it in podcasts.episodes_for(member):
        url = here + it.path
        feed.add_item(
            title=it.title,
            link=request.build_absolute_uri(it.page),
            description=it.about,
            author_name=it.author,
            pubdate=it.at,
            unique_id=it.path,
            unique_id_is_permalink=False,
            enclosures=[Enclosure(url, UNKNOWN_LENGTH, it.media_type)],
        )
    return HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type)


class PodcastFeed(WithoutControls, Rss201rev2Feed):
    """With what players ask for; directories are not to list it."""

    content_type = "application/rss+xml; charset=utf-8"

    def rss_attributes(self):
        return {**super().rss_attributes(), "xmlns:itunes": ITUNES}

    def add_root_elements(self, handler):
        super().add_root_elements(handler)
        handler.addQuickElement("itunes:block", "Yes")
        handler.addQuickElement("itunes:explicit", "false")

    def add_item_elements(self, handler, item):
        super().add_item_elements(handler, item)
        handler.addQuickElement("itunes:author", item["author_name"])


@require_safe
@cache_control(private=True, max_age=3600)
def podcast_file(request, token, of, pk):
    """Asked anew each time whether it is open to the listener."""
    path = access.get_media_to_hear(access.get_listener(token), of, pk)
    return send_file(request, path)
