"""What pages of the apps below show of content."""

from django import template

from content.services import asking_terms, byline, consultations

register = template.Library()


@register.inclusion_tag("content/people/_work.html", takes_context=True)
def work_of(context, person):
    """What a person teaches and wrote lately, as far as this reader may read it."""
    reader = context["request"].user
    may_ask = reader.is_authenticated and reader != person
    return {
        "work": byline.work_of(person, reader),
        "person": person,
        "terms": asking_terms.of_expert(person) if may_ask else None,
        "has_time": may_ask and consultations.offered().filter(expert=person).exists(),
    }
