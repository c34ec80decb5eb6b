"""What operators see of accounts. Ledger, log and notices are there to be read."""

import django.contrib.auth.admin  # noqa: F401 - registers the groups, see below
from django.contrib import admin
from django.contrib.auth.models import Group

from accounts.admin import (  # noqa: F401 - each registers its own
    activity,
    audit,
    authors,
    community,
    consent,
    entitlements,
    experts,
    joining,
    journal,
    ledger,
    mails,
    messages,
    offers,
    orders,
    own_limits,
    payments,
    personal,
    recruiting,
    robots,
    roles,
    sanctions,
    shares,
    spaces,
    subscriptions,
    titles,
    users,
)

admin.site.unregister(Group)  # the groups are kept equal to accounts/roles.py
