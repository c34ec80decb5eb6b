import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from community.lib.statements import Statement

SUM = Statement("SELECT %(one)s::int + %(two)s::int + %(one)s::int")


def asked(**values):
    with CaptureQueriesContext(connection) as queries:
        answer = SUM.row(**values)
    return answer, [query["sql"].split()[0] for query in queries]


@pytest.mark.django_db(transaction=True)
def test_a_statement_is_planned_once_a_connection():
    connection.close()

    assert asked(one=1, two=2) == ((4,), ["PREPARE", "EXECUTE"])
    assert asked(one=2, two=3) == ((7,), ["EXECUTE"])

    connection.close()
    assert asked(one=1, two=2) == ((4,), ["PREPARE", "EXECUTE"])


def test_what_finds_nothing_is_none(db):
    assert Statement("SELECT 1 WHERE %(it)s::int = 0").row(it=1) is None
