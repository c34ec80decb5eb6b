"""The words of django-unfold's pages that it has no Chinese for.

Named here, they stand in our catalogue, which Django asks before theirs.
"""

from django.utils.translation import gettext_noop as _

WORDS = (
    *(_("Add row"), _("All applications"), _("Apply Filters"), _("Filters")),
    *(_("Choose file to upload"), _("Click to cancel"), _("Click to download")),
    *(_("Expand row"), _("General"), _("Go back")),
    *(_("Image preview"), _("Loading more results..."), _("More actions")),
    *(_("Next"), _("Previous"), _("No data"), _("No results found")),
    *(_("No recent searches"), _("No results matching your query")),
    *(_("Recent searches"), _("Record picture"), _("Reset filters")),
    *(_("Return to site"), _("Run"), _("Search apps and models...")),
    *(_("Select action"), _("Select action to run"), _("Select all rows")),
    *(_("Select currency"), _("Select record"), _("Select value")),
    *(_("Submit"), _("System")),
    _("This item will be deleted."),
    _("This page yielded into no results. Create a new item or reset your filters."),
    *(_("Toggle password visibility"), _("Type to search"), _("Welcome back to")),
    _("You have been successfully logged out from the administration"),
)
