"""What search engines read beside a page: schema.org facts, as JSON-LD.

https://schema.org/Course, /Article and its kin, /ItemList, /QAPage and
/DiscussionForumPosting.
"""

from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_precision
from django.conf import settings

from accounts.models import Community, Offer, User
from content.models import Event, Item, Post
from content.services.paths import Way
from content.services.reading import TopicFacts
from content.services.sharing import shown

MOST_TEXT = 2000  # characters of a post: who wants all reads the page


def course_facts(
    course: Item, offers: list[Offer], community: Community, minutes: int
) -> dict[str, Any]:
    return {
        "@context": "https://schema.org",
        "@type": "Course",
        "name": course.title,
        "description": course.summary or course.title,
        "url": _url(course.get_absolute_url()),
        "provider": {
            "@type": "Organization",
            "name": community.name,
            "url": settings.SITE_URL,
        },
        "isAccessibleForFree": course.access == Item.Access.FREE,
        "offers": [_offer(offer) for offer in offers],
        "hasCourseInstance": {
            "@type": "CourseInstance",
            "courseMode": "Online",
            "courseWorkload": f"PT{minutes}M",
        },
        **_rated(course),
        **_common(course),
    }


def _common(item: Any) -> dict[str, Any]:
    """What is told alike of all kinds, of an item `with_changed_at`."""
    known: dict[str, Any] = {}
    if item.published_at:
        known["datePublished"] = item.published_at.isoformat()
        known["dateModified"] = item.changed_at.isoformat()
    if item.language:
        known["inLanguage"] = item.language
    if item.author:
        known["author"] = _person(item.author)
    if seen := shown(item):
        known["image"] = seen.picture_url
    return known


def _rated(item: Item) -> dict[str, Any]:
    if not item.ratings or item.quality is None:
        return {}
    return {
        "aggregateRating": {
            "@type": "AggregateRating",
            "ratingValue": round(item.quality, 2),
            "ratingCount": item.ratings,
        }
    }


TYPES = {
    Item.Kind.NEWS: "NewsArticle",
    Item.Kind.REPORT: "Report",
    Item.Kind.COLUMN: "CreativeWorkSeries",
    Item.Kind.RECORDING: "VideoObject",
}


def item_facts(item: Item, offers: list[Offer], community: Community) -> dict[str, Any]:
    """https://schema.org/Article, with what is behind the door named as such."""
    facts = {
        "@context": "https://schema.org",
        "@type": _type_of(item),
        "name": item.title,
        "headline": item.title,
        "description": item.summary or item.title,
        "url": _url(item.get_absolute_url()),
        "isAccessibleForFree": item.access == Item.Access.FREE,
        "publisher": {"@type": "Organization", "name": community.name},
        "offers": [_offer(offer) for offer in offers],
        **_common(item),
    }
    if item.words:
        facts["wordCount"] = item.words
    if item.kind == Item.Kind.RECORDING and hasattr(item, "recording"):
        facts |= _of_recording(item)
    if item.column:
        facts["isPartOf"] = {
            "@type": "CreativeWorkSeries",
            "name": item.column.title,
            "url": _url(item.column.get_absolute_url()),
        }
    return facts


def _type_of(item: Item) -> str:
    if item.kind == Item.Kind.RECORDING and item.format == Item.Format.AUDIO:
        return "AudioObject"
    return TYPES.get(Item.Kind(item.kind), "Article")


def _of_recording(item: Item) -> dict[str, Any]:
    """What players of other sites ask for."""
    facts = {"duration": f"PT{item.recording.minutes}M"}
    if item.published_at:
        facts["uploadDate"] = item.published_at.isoformat()
    if seen := shown(item):
        facts["thumbnailUrl"] = seen.picture_url
    return facts


def path_facts(way: Way) -> dict[str, Any]:
    """The steps of a path, in their order."""
    items = [stage.entry.item for stage in way.stages]
    return {
        "@context": "https://schema.org",
        "@type": "ItemList",
        "name": way.path.title,
        "description": way.path.goal,
        "url": _url(way.path.get_absolute_url()),
        "itemListElement": [
            {
                "@type": "ListItem",
                "position": place,
                "name": item.title,
                "url": _url(item.get_absolute_url()),
            }
            for place, item in enumerate(items, start=1)
        ],
    }


def topic_facts(topic: TopicFacts) -> dict[str, Any]:
    """A question with its accepted answers, or a discussion with its first post."""
    wanted = [1, *topic.accepted]
    posts = Post.objects.filter(topic=topic.pk, number__in=wanted, hidden_at=None)
    by_number = {post.number: post for post in posts.select_related("author")}
    if 1 not in by_number:
        return {}
    if not topic.is_question:
        return {
            "@context": "https://schema.org",
            "@type": "DiscussionForumPosting",
            "headline": topic.title,
            "commentCount": topic.reply_count,
            **_text(topic, by_number[1]),
        }
    question = {
        "@type": "Question",
        "name": topic.title,
        "answerCount": topic.reply_count,
        **_text(topic, by_number[1]),
    }
    accepted = [by_number[number] for number in topic.accepted if number in by_number]
    if answers := [{"@type": "Answer", **_text(topic, post)} for post in accepted]:
        question["acceptedAnswer"] = answers[0] if len(answers) == 1 else answers
    return {
        "@context": "https://schema.org",
        "@type": "QAPage",
        "mainEntity": question,
    }


def _text(topic: TopicFacts, post: Post) -> dict[str, Any]:
    return {
        "text": post.body[:MOST_TEXT],
        "url": _url(topic.url_of(post.number)),
        "datePublished": post.created_at.isoformat(),
        "author": _person(post.author),
    }


def _person(person: User) -> dict[str, str]:
    return {
        "@type": "Person",
        "name": str(person),
        "url": _url(person.get_absolute_url()),
    }


def _offer(offer: Offer) -> dict[str, str]:
    digits = get_currency_precision(offer.currency)
    return {
        "@type": "Offer",
        "category": "Paid" if offer.price else "Free",
        "price": str(Decimal(offer.price).scaleb(-digits)),
        "priceCurrency": offer.currency,
    }


def _url(path: str) -> str:
    return settings.SITE_URL + path


def event_facts(event: Event, community: Community) -> dict[str, Any]:
    """https://schema.org/Event: what everybody may know, so not how to join."""
    page = _url(event.get_absolute_url())
    where: dict[str, Any] = {"@type": "VirtualLocation", "url": page}
    if not event.is_online:
        where = {"@type": "Place", "name": event.place, "address": event.place}
    kind = "Online" if event.is_online else "Offline"
    state = "EventCancelled" if event.is_cancelled else "EventScheduled"
    return {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": event.title,
        "description": event.summary or event.title,
        "url": page,
        "startDate": event.starts_there.isoformat(),
        "endDate": event.ends_there.isoformat(),
        "eventStatus": f"https://schema.org/{state}",
        "eventAttendanceMode": f"https://schema.org/{kind}EventAttendanceMode",
        "location": where,
        "organizer": {
            "@type": "Organization",
            "name": community.name,
            "url": settings.SITE_URL,
        },
        "isAccessibleForFree": event.access == Event.Access.FREE,
    }
