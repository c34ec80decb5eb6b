"""What search engines read beside a page: schema.org facts, as JSON-LD.

https://schema.org/Course, /QAPage and /DiscussionForumPosting.
"""

from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_precision
from django.conf import settings

from accounts.models import Community, Offer, User
from community.lib import pictures
from content.models import Item, Post
from content.services.reading import TopicFacts

MOST_TEXT = 2000  # characters of a post: who wants all reads the page


def course_facts(
    course: Item, offers: list[Offer], community: Community
) -> dict[str, Any]:
    facts = {
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
        **_rated(course),
    }
    if course.language:
        facts["inLanguage"] = course.language
    if course.author:
        facts["author"] = _person(course.author)
    return facts


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


TYPES = {Item.Kind.NEWS: "NewsArticle", Item.Kind.REPORT: "Report"}


def item_facts(item: Item, offers: list[Offer], community: Community) -> dict[str, Any]:
    """https://schema.org/Article, with what is behind the door named as such."""
    facts = {
        "@context": "https://schema.org",
        "@type": TYPES.get(Item.Kind(item.kind), "Article"),
        "headline": item.title,
        "description": item.summary or item.title,
        "url": _url(item.get_absolute_url()),
        "wordCount": item.words,
        "isAccessibleForFree": item.access == Item.Access.FREE,
        "publisher": {"@type": "Organization", "name": community.name},
        "offers": [_offer(offer) for offer in offers],
    }
    if item.published_at:
        facts["datePublished"] = item.published_at.isoformat()
    if item.language:
        facts["inLanguage"] = item.language
    if item.author:
        facts["author"] = _person(item.author)
    if item.cover:
        facts["image"] = _url(item.cover_urls[pictures.COVER_WIDTHS[-1]])
    return facts


def topic_facts(topic: TopicFacts) -> dict[str, Any]:
    """A question with its accepted answer, or a discussion with its first post."""
    wanted = [1, topic.accepted] if topic.accepted else [1]
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
    if accepted := by_number.get(topic.accepted or 0):
        question["acceptedAnswer"] = {"@type": "Answer", **_text(topic, accepted)}
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
