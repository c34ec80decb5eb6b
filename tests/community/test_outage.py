import psycopg2
import pytest
from django.db import DatabaseError, OperationalError, ProgrammingError

from community.views import server_error


def raise_from(error, cause):
    raise error from cause


def raise_while_handling(error, first):
    try:
        raise first
    except type(first):
        raise error  # noqa: B904 - what a failing rollback looks like


@pytest.mark.parametrize(
    ("fail", "status"),
    [
        (lambda: raise_from(OperationalError(), None), 503),
        (lambda: raise_from(DatabaseError(), psycopg2.DatabaseError()), 503),
        (lambda: raise_while_handling(ProgrammingError(), OperationalError()), 503),
        (lambda: raise_from(DatabaseError("no row was changed"), None), 500),
        (lambda: raise_from(ProgrammingError(), psycopg2.ProgrammingError()), 500),
        (lambda: raise_from(KeyError(), None), 500),
    ],
)
def test_a_lost_database_is_told_from_a_fault_of_ours(rf, fail, status):
    try:
        fail()
    except Exception:
        answer = server_error(rf.get("/"))

    assert answer.status_code == status
    assert ("Retry-After" in answer.headers) is (status == 503)
