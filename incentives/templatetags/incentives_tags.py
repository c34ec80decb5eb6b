from django import template

from incentives.services.points import balance

register = template.Library()


@register.simple_tag
def points_of(member) -> int:
    return balance(member)
