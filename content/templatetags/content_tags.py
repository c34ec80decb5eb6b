"""What pages of the apps below show of content."""

from django import template

from content.services import byline

register = template.Library()


@register.inclusion_tag("content/people/_work.html", takes_context=True)
def work_of(context, person):
    """What a person teaches and wrote lately, as far as this reader may read it."""
    return {"work": byline.work_of(person, context["request"].user)}
