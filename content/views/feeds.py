"""What is new in the library, for programs that look for it: as Atom."""

from dataclasses import replace

from django.contrib.auth.models import AnonymousUser
from django.contrib.syndication.views import Feed
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.feedgenerator import Atom1Feed
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import conditional_page, require_safe

from accounts.services import community
from community.lib.xml import WithoutControls
from content import access
from content.services import library

ENTRIES = 30


class AtomFeed(WithoutControls, Atom1Feed):
    pass


class LibraryFeed(Feed):
    """The library as a page of it is narrowed down, and as visitors may read it."""

    feed_type = AtomFeed

    @method_decorator(require_safe)
    @method_decorator(conditional_page)
    def __call__(self, request, *args, **kwargs):
        return super().__call__(request, *args, **kwargs)

    def get_object(self, request):
        return replace(library.Asked.of(request.GET), order="newest")

    def title(self):
        return format_lazy(_("{community}: library"), community=community.current())

    def subtitle(self):
        return community.current().goal

    def link(self):
        return reverse("content:library")

    def items(self, asked):
        listed = access.get_items_to_list(AnonymousUser())
        found = library.filtered(listed, AnonymousUser(), asked)
        found = library.with_changed_at(found)
        return found.select_related("author").with_tags()[:ENTRIES]

    def item_title(self, item):
        return item.title

    def item_description(self, item):
        return item.summary

    def item_author_name(self, item):
        return str(item.author) if item.author else ""

    def item_pubdate(self, item):
        return item.published_at

    def item_updateddate(self, item):
        return item.changed_at

    def item_categories(self, item):
        return [tag.name for tag in item.tags.all()]
