import gettext
import re

import polib
import pytest
from django.conf import settings

from community.translations import Catalogue, messages

SOURCES = {
    "community/views.py": """
from django.utils.translation import gettext as _, ngettext
_("Good %(daytime)s, {name}")
ngettext("%(count)d point", "%(count)d points", 3)
""",
    "templates/page.html": """{% load i18n %}
  {% translate "Sign in" %}{% translate "May" context "month" %}
    {% blocktranslate trimmed with name=member.name %}
      Hello {{ name }}
    {% endblocktranslate %}
""",
}
TRANSLATED = {
    "Good %(daytime)s, {name}": "{name},%(daytime)s好",
    "Sign in": "登录",
    "May": "五月",
    "Hello %(name)s": "%(name)s,你好",
}


@pytest.fixture
def root(tmp_path):
    for name, text in SOURCES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
    return tmp_path


@pytest.fixture
def complete(root):
    """A catalogue in which all is well."""
    catalogue = Catalogue("zh_Hans", root / "locale")
    catalogue.update(messages(root))
    change(catalogue)
    return catalogue


def change(catalogue, spoil=lambda _entry: None):
    file = catalogue.read()
    for entry in file:
        if entry.msgid_plural:
            entry.msgstr_plural = {0: "%(count)d 积分"}
        else:
            entry.msgstr = TRANSLATED[entry.msgid]
        spoil(entry)
    file.save(str(catalogue.path))


def test_finds_the_sentences_of_code_and_templates(root):
    found = messages(root)
    assert {sentence for _context, sentence in found} == {
        *TRANSLATED,
        "%(count)d point",
    }
    assert ("month", "May") in found
    assert found[None, "%(count)d point"].plural == "%(count)d points"
    assert found[None, "Sign in"].places == {"templates/page.html"}


def test_a_complete_catalogue_has_no_problems(root, complete):
    assert complete.problems(messages(root)) == []


def test_updating_keeps_what_is_translated_and_drops_what_is_unused(root, complete):
    (root / "templates/page.html").write_text(
        '{% load i18n %}{% translate "Sign in" %}{% translate "Sign out" %}'
    )
    wanted = messages(root)
    assert set(complete.problems(wanted)) == {
        "missing: 'Sign out' (templates/page.html)",
        "no longer used: 'May'",
        "no longer used: 'Hello %(name)s'",
    }
    complete.update(wanted)
    assert complete.problems(wanted) == ["not translated: 'Sign out'"]
    assert {e.msgid: e.msgstr for e in complete.read()}["Sign in"] == "登录"


def spoiled(name, **values):
    def spoil(entry):
        if entry.msgid == name:
            for field, value in values.items():
                setattr(entry, field, value)

    return spoil


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (spoiled("Sign in", msgstr=""), "not translated"),
        (spoiled("Sign in", flags=["fuzzy"]), "not confirmed (fuzzy)"),
        (
            spoiled("Hello %(name)s", msgstr="%(nmae)s,你好"),
            "placeholders differ from ['%(name)s']",
        ),
        (
            spoiled("%(count)d point", msgstr_plural={0: "积分"}),
            "placeholders differ from ['%(count)d']",
        ),
    ],
)
def test_names_what_is_wrong(root, complete, spoil, problem):
    change(complete, spoil)
    (found,) = complete.problems(messages(root))
    assert found.startswith(problem)


def test_a_placeholder_needs_a_name(root, complete):
    code = root / "community/views.py"
    code.write_text(code.read_text() + '_("Hello %s")\n')
    complete.update(messages(root))
    problems = complete.problems(messages(root))
    assert "placeholder without a name: 'Hello %s'" in problems


def test_compiles_what_django_reads(complete):
    assert complete.is_stale()
    complete.compile()
    assert not complete.is_stale()
    with complete.path.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert compiled.gettext("Sign in") == "登录"
    assert compiled.pgettext("month", "May") == "五月"
    assert compiled.ngettext("%(count)d point", "%(count)d points", 2) == (
        "%(count)d 积分"
    )


def test_chinese_has_one_word_for_a_member_and_one_for_the_community():
    """成员 is whoever has joined; 会员 is said of the paid membership alone."""
    of_membership = re.compile(r"membership|[Pp]aying|\bPlans?\b|for ever")
    wrong = []
    for entry in polib.pofile(
        str(settings.BASE_DIR / "locale/zh_Hans/LC_MESSAGES/django.po")
    ):
        said = entry.msgstr + "".join(entry.msgstr_plural.values())
        english = entry.msgid + entry.msgid_plural
        if "社群" in said or ("会员" in said and not of_membership.search(english)):
            wrong.append(english)
    assert wrong == []
