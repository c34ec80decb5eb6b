from django import template

from recommend.services import serving

register = template.Library()


@register.inclusion_tag("recommend/for_you.html")
def for_you(member):
    return {"suggestions": serving.for_you(member)}


@register.inclusion_tag("recommend/related.html")
def related_items(item, reader):
    return {"items": serving.related(item, reader)}
