"""The community's rules: numbered when they are published, agreed to by who writes."""

import pytest

from accounts.models import Rule
from accounts.services import rules
from accounts.services.policies import publish

pytestmark = pytest.mark.django_db
TEXTS = {
    "en": "Few.\n\n## 1. Be kind\n\nTo all.\n\n## Be *clear*\n",
    "zh-hans": "不多。\n\n## 与人为善\n\n对所有人。\n\n## 说清楚\n",
}


def test_each_heading_of_the_text_is_a_rule_with_a_number():
    publish(kind="rules", texts=TEXTS)

    found = [(it.number, it.title, it.text) for it in rules.rules_in_force("en")]
    assert found == [(1, "Be kind", "To all."), (2, "Be *clear*", "")]


def test_a_rule_is_read_in_the_readers_language_and_in_its_own_version():
    publish(kind="rules", texts=TEXTS)
    rule = rules.rules_in_force("en")[0]
    publish(kind="rules", texts={"en": "## Other", "zh-hans": "## 别的"})

    assert rules.in_language(rule, "zh-hans").title == "与人为善"
    assert rules.in_language(rule, "en") == rule
    assert Rule.objects.filter(pk=rule.pk).exists()


def test_the_first_rules_are_asked_of_nobody_and_a_new_version_once(client, member):
    assert rules.rules_in_force("en")
    assert not rules.must_agree(member)

    publish(kind="rules", texts=TEXTS)
    assert rules.must_agree(member)
    client.force_login(member)
    page = client.get("/rules/").content.decode()
    assert 'id="rule-1"' in page
    assert "/rules/agree/" in page

    client.post("/rules/agree/")
    assert not rules.must_agree(member)
    publish(kind="rules", texts=TEXTS, needs_consent=False)
    assert not rules.must_agree(member)


def test_the_admin_wants_as_many_rules_in_each_language(client, operator):
    client.force_login(operator)
    sent = {"kind": "rules", "note": "New", "en": "## One", "zh-hans": "没有"}
    page = client.post("/admin/accounts/policyversion/add/?kind=rules", sent)

    assert page.status_code == 422
    assert "as many in each language" in page.content.decode()
