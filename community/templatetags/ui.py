"""What templates say often: icons, money, initials, the frame of the page."""

import json
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.numbers import format_currency, get_currency_precision, get_decimal_symbol
from django import template
from django.conf import settings
from django.core.files.storage import default_storage
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.encoding import iri_to_uri
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import mark_safe
from django.utils.timezone import localtime
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext_lazy as _
from lucide import _render_icon

from community import brand

register = template.Library()

NOT_IN_HTML = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}
STYLES = ("tokens", "base", "layout", "components")
OG_LOCALES = {"en": "en_US", "zh-hans": "zh_CN"}
SECTIONS = {
    "/": _("Home"),  # for members: visitors have the brand
    "/library/": _("Library"),
    "/spaces/": _("Spaces"),
    "/events/": _("Events"),
    "/plans/": _("Plans"),
}


@register.simple_tag
@lru_cache(maxsize=256)
def icon(name, label=""):
    """An inline SVG of the Lucide set; without a label it is decoration only."""
    shown = {"role": "img", "aria_label": label} if label else {"aria_hidden": "true"}
    svg = _render_icon(name, None, **{"class": "icon"}, **shown)
    return mark_safe(svg)  # noqa: S308 - from the icon package, not from people


@register.filter
def money(minor, currency):
    """Minor units as people write them: 19900|money:"CNY" is ¥199."""
    return _money(minor, currency, get_language() or settings.LANGUAGE_CODE)


@lru_cache(maxsize=1024)
def _money(minor, currency, language):
    locale = Locale.parse(to_locale(language))
    digits = get_currency_precision(currency)
    text = format_currency(Decimal(minor).scaleb(-digits), currency, locale=locale)
    # Nobody in a Chinese community writes "CN¥", in whichever language.
    text = text.replace("CN¥", "¥")
    if minor % 10**digits:
        return text
    return text.replace(get_decimal_symbol(locale) + "0" * digits, "")


@register.filter
def moment(text):
    """A moment kept as ISO text, as the reader's day."""
    return date_format(localtime(datetime.fromisoformat(text)), "DATE_FORMAT")


@register.filter
def initials(member):
    """One Chinese character or up to two letters, for who has no picture."""
    words = str(member).split()
    if not words:
        return "·"
    if not words[0][0].isascii():
        return words[0][0]
    return "".join(word[0] for word in words[:2]).upper()


@register.filter
def stored_url(name):
    return default_storage.url(name)


@register.filter
def share(part):
    """A share between 0 and 1 as people read it."""
    return _("%(number)s %%") % {"number": f"{100 * part:.0f}"}


@register.filter
def of(what, name):
    """ "Chapters: The soil", with the colon of the reader's language."""
    return _("%(what)s: %(name)s") % {"what": what, "name": name}


@register.filter
def percent(part, whole):
    return round(100 * part / whole) if whole else 0


# The frame --------------------------------------------------------------------
# Drawn on every page, so what is the same for everybody is put together once.


@register.simple_tag
def kept(template_name, **facts):
    """Includes a template that shows nothing but these facts, which can be hashed.

    Rendered once for each set of them and kept by the process: what all readers
    share costs nothing then, and what has changed is another set.
    """
    render = _kept.__wrapped__ if settings.DEBUG else _kept
    return render(template_name, get_language(), tuple(facts.items()))


@lru_cache(maxsize=4096)
def _kept(template_name, language, facts):
    return render_to_string(template_name, dict(facts))


@register.simple_tag(takes_context=True)
def assets(context):
    community = context["community"]
    return _assets(settings.DEBUG, community.accent, community.logo.name)


@lru_cache(maxsize=8)
def _assets(debug, accent, logo):
    styles = format_html_join(
        "\n",
        '<link rel="stylesheet" href="{}">',
        ((static(f"css/{name}.css"),) for name in STYLES),
    )
    scripts = format_html_join(
        "\n",
        '<script src="{}" defer></script>',
        (
            (static(path),)
            for path in ("django_htmx/htmx-2.min.js", "js/site.js", "js/drafts.js")
        ),
    )
    return format_html(
        '{}{}\n<link rel="icon" href="{}">\n{}',
        styles,
        _own_colours(accent),
        default_storage.url(logo) if logo else static("img/seal.svg"),
        scripts,
    )


def _own_colours(accent):
    if not accent:
        return ""
    url = reverse("brand_stylesheet", args=[brand.version(accent)])
    return format_html('\n<link rel="stylesheet" href="{}">', url)


@register.simple_tag(takes_context=True)
def brand_picture(context):
    """The address of the picture that other sites show beside a link to us."""
    community = context["community"]
    return settings.SITE_URL + _brand_picture(community.accent, community.logo.name)


@lru_cache(maxsize=8)
def _brand_picture(*facts):
    return reverse("brand_picture", args=[brand.version(*facts)])


@register.simple_tag
def page_address(path, **asked):
    """The one address of a page, whatever else it was asked with."""
    asked = {name: told for name, told in asked.items() if told and told != 1}
    query = f"?{urlencode(asked)}" if asked else ""
    address = settings.SITE_URL + iri_to_uri(path) + query
    return format_html(
        '<link rel="canonical" href="{0}">\n<meta property="og:url" content="{0}">',
        address,
    )


@register.filter
def og_locale(language):
    """A language as Open Graph names it, with a land."""
    return OG_LOCALES.get(language, language)


@register.simple_tag
def structured(facts):
    """Facts for search engines. Data, not a script: browsers never run it."""
    if not facts:
        return ""
    # As django.utils.html.json_script does: nothing in it can end the element.
    text = json.dumps(facts, ensure_ascii=False).translate(NOT_IN_HTML)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308


@register.simple_tag
def stylesheet_links():
    """The styles alone: for pages that must stand without scripts."""
    return format_html_join(
        "\n",
        '<link rel="stylesheet" href="{}">',
        ((static(f"css/{name}.css"),) for name in STYLES),
    )


@register.simple_tag(takes_context=True)
def site_header(context):
    """The header: the same for a member on all pages of a section, so it is kept."""
    request, user = context.get("request"), context.get("user")
    path = request.path if request else ""
    at = "/" if path == "/" else f"/{path.split('/', 2)[1]}/"
    known = bool(user and user.is_authenticated and not user.removed_at)
    facts = {
        "community": context["community"].name,
        "logo": context["community"].logo.name,
        "at": at if at in SECTIONS else "",
        "sections": tuple(SECTIONS.items())[0 if known else 1 :],
    }
    if known:
        facts["name"] = str(user)
        facts["avatar_url"] = user.avatar.url if user.avatar else ""
        facts["is_staff"] = user.is_staff
        facts["is_member"] = user.is_member
        facts["unread"] = user.unread_news
        facts["unread_messages"] = user.unread_messages
    return kept("fragments/header.html", **facts)
