from accounts.services import community


def site(request):
    """What every page's frame may show."""
    return {"community": community.current()}
