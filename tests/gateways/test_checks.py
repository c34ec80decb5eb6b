"""The site refuses to offer a way to pay that it has no settings for."""

import subprocess
import sys

import pytest

from accounts.checks import gateways_are_set_up


def problems(settings, *names):
    settings.PAYMENT_GATEWAYS = list(names)
    return [problem.msg for problem in gateways_are_set_up()]


def test_each_setting_that_is_missing_is_named(settings):
    settings.STRIPE_SECRET_KEY = "sk"

    assert problems(settings, "test", "bank") == []
    [missing] = problems(settings, "stripe")
    assert "STRIPE_WEBHOOK_SECRET" in missing
    assert len(problems(settings, "alipay")) == 4
    assert len(problems(settings, "wechat")) == 5


def test_half_a_public_key_is_none(settings):
    settings.WECHAT_PUBLIC_KEY = "key"

    assert "both or none" in problems(settings, "wechat")[-1]


def test_an_unknown_way_is_said(settings):
    [problem] = problems(settings, "cash")
    assert "'cash'" in problem


@pytest.mark.parametrize("library", ["stripe", "alipay", "wechatpayv3"])
def test_no_library_is_loaded_before_it_is_needed(library):
    code = (
        "import sys, django; django.setup(); import accounts.views.billing;"
        f"sys.exit({library!r} in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
