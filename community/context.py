from accounts.services import community
from community.lib.pages import THEMES


def site(request):
    """What every page's frame may show."""
    theme = request.COOKIES.get("theme")
    return {
        "community": community.current(),
        "theme": theme if theme in THEMES else "",
    }
