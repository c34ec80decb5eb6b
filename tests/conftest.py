"""The standing people: every page that shows private things meets them."""

import pytest

from tests.factories.accounts import make_member


@pytest.fixture
def member(db):
    return make_member("member")


@pytest.fixture
def other_member(db):
    return make_member("other")


@pytest.fixture
def operator(db):
    return make_member("operator", is_staff=True, is_superuser=True)
