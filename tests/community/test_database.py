import pytest
from django.db import connection

from community.database import base

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def asked(monkeypatch):
    """How often Postgres was asked whether it is there."""
    asked = []

    def ask(wrapper):
        asked.append(wrapper)
        return True

    monkeypatch.setattr(base.base.DatabaseWrapper, "is_usable", ask)
    connection.ensure_connection()
    connection.errors_occurred = False
    connection._usable_at = float("-inf")
    return asked


def test_a_connection_is_asked_once_in_a_while(asked):
    assert connection.is_usable()
    assert connection.is_usable()

    assert len(asked) == 1


def test_after_an_error_it_is_asked_at_once(asked):
    connection.is_usable()
    connection.errors_occurred = True

    connection.is_usable()

    assert len(asked) == 2
    connection.errors_occurred = False
