def site(request):
    """What every page's frame may show."""
    return {}
