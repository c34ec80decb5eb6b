from django import template
from django.utils.translation import get_language

from incentives.services import badges, levels
from incentives.services.points import balance

register = template.Library()


@register.simple_tag
def points_of(member) -> int:
    return balance(member)


@register.inclusion_tag("incentives/_honours.html")
def honours_of(person):
    """What a person has reached here, as everybody may read it."""
    language = get_language()
    return {
        "level": levels.title_of(person, language=language),
        "badges": badges.earned_by(person, language=language),
    }
