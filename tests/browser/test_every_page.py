"""Every main page, in every way of looking at it: valid, accessible, light, calm."""

import pytest

from tests.browser.reader import MODES

FOR_VISITORS = {"/": 200, "/no/": 404}
FOR_MEMBERS = {"/": 200}
FOR_OPERATORS = {"/styleguide/": 200}

pytestmark = pytest.mark.parametrize("mode", MODES)


def walk(window, pages):
    """What is wrong with which page: all of it at once, not the first."""
    return {
        path: problems
        for path, status in pages.items()
        if (problems := window.go(path, status=status).check_page())
    }


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_visitors(reader, mode, scripts):
    assert walk(reader(mode, scripts=scripts), FOR_VISITORS) == {}


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_members(reader, mode, scripts, member):
    assert walk(reader(mode, member=member, scripts=scripts), FOR_MEMBERS) == {}


def test_operators(reader, mode, operator):
    assert walk(reader(mode, member=operator), FOR_OPERATORS) == {}
