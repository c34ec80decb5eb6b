"""Texts of the library as HTML, with what only the database knows of their pictures."""

import re
from uuid import UUID

from community.lib import markdown
from content.models import Picture

_HEX = "[0-9a-f]"
# As `markdown` leaves it: nobody else writes a tag.
_SHOWN = re.compile(
    rf'(?<=<img )src="/media/pictures/({_HEX}{{8}}(?:-{_HEX}{{4}}){{3}}-{_HEX}{{12}})/"'
)


def render_article(text: str) -> str:
    """Safe to show. Pictures say their size, so that nothing jumps when they come."""
    html = markdown.render_article(text)
    keys = {UUID(key) for key in _SHOWN.findall(html)}
    if not keys:
        return html
    sizes = {
        str(it.key): f' width="{it.width}" height="{it.height}"'
        for it in Picture.objects.filter(key__in=keys)
    }
    return _SHOWN.sub(lambda found: found[0] + sizes.get(found[1], ""), html)
