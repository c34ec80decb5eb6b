"""What each role may do in the admin: the one table of roles and permissions.

The roles are Django groups of the same names, kept equal to this table after
every migration. Ordinary members need no permission: what they may do with whose
things is decided in each app's `access`.
"""

from accounts.models import Role

EVERYTHING = ("view", "add", "change", "delete")
EDIT = ("view", "add", "change")
READ = ("view",)

# role → {app.model: actions}; "*" stands for every model of the app.
PERMISSIONS: dict[Role, dict[str, tuple[str, ...]]] = {
    Role.MEMBER: {},
    Role.MENTOR: {
        "content.item": EDIT,
        "content.section": EVERYTHING,
        "content.lesson": EVERYTHING,
        "content.topic": READ,
        "content.post": READ,
    },
    Role.VOLUNTEER: {
        "content.topic": ("view", "change"),
        "content.post": ("view", "change"),
        "content.rating": ("view", "change"),
    },
    # Reads what is to be published, and hides what should not stand; says of those who
    # want in what fits.
    Role.REVIEWER: {
        "accounts.application": READ,
        "content.item": READ,
        "content.section": READ,
        "content.lesson": READ,
        "content.topic": ("view", "change"),
        "content.post": ("view", "change"),
    },
    # Plans what happens: where, with whom, and from what is there.
    Role.PLANNER: {
        "accounts.space": ("view", "change"),
        "accounts.spacemember": READ,
        "content.item": READ,
        "content.enrolment": READ,
        "content.topic": READ,
        "content.theme": ("view", "change"),
        "content.themeweek": EDIT,
        "content.prompt": EVERYTHING,
        "analytics.catalogue": READ,
    },
    # Opens personal facts, one member at a time; each reading is noted.
    Role.STEWARD: {
        "accounts.user": READ,
        "accounts.personalvalue": ("read",),
        "accounts.personalreading": READ,
    },
    Role.OPERATOR: {
        "accounts.*": EDIT,
        "content.*": EVERYTHING,
        "incentives.*": EDIT,
        "analytics.*": READ,
        "recommend.*": READ,
        "community.*": READ,
        "taggit.*": EVERYTHING,
    },
}

# Roles whose people may enter the admin at all.
STAFF = set(Role) - {Role.MEMBER}


def sync_groups(**kwargs) -> None:
    """Make the groups and their permissions what the table says."""
    from django.contrib.auth.models import Group

    _make_permissions()
    for role, grants in PERMISSIONS.items():
        group, _ = Group.objects.get_or_create(name=role.value)
        group.permissions.set(_permissions(grants))


def _make_permissions() -> None:
    """Django makes each app's permissions in that app's turn, some after ours."""
    from django.apps import apps
    from django.contrib.auth.management import create_permissions

    labels = {
        target.split(".")[0] for grants in PERMISSIONS.values() for target in grants
    }
    for label in labels:
        create_permissions(apps.get_app_config(label), verbosity=0)


def _permissions(grants: dict[str, tuple[str, ...]]):
    from django.contrib.auth.models import Permission
    from django.db.models import Q

    wanted = Q(pk__in=[])
    for target, actions in grants.items():
        app, model = target.split(".")
        which = Q(content_type__app_label=app)
        if model != "*":
            which &= Q(content_type__model=model)
        acts = Q(pk__in=[])
        for action in actions:
            acts |= Q(codename__startswith=f"{action}_")
        wanted |= which & acts
    return Permission.objects.filter(wanted)
