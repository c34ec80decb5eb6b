"""Rules of the house that no single app can break unnoticed."""

import os
import subprocess
import sys

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.db import models
from django.urls import URLResolver, get_resolver
from django.utils import translation
from django.utils.functional import Promise

from accounts import privacy
from accounts.models import User

OURS = {"community", "accounts", "content", "incentives", "analytics", "recommend"}


def links_to_a_member(model):
    return model is User or any(
        isinstance(field, models.ForeignKey) and field.related_model is User
        for field in model._meta.get_fields()
    )


def test_every_table_with_a_link_to_a_member_has_a_privacy_handler():
    linked = {
        model
        for model in apps.get_models(include_auto_created=False)
        if links_to_a_member(model)
    }

    assert linked - privacy.covered_models() == set()


def test_foreign_keys_point_downward():
    order = ["accounts", "content", "incentives", "analytics", "recommend"]
    for model in apps.get_models():
        label = model._meta.app_label
        if label not in OURS or label == "community":
            continue
        for field in model._meta.get_fields():
            target = getattr(field, "related_model", None)
            if not isinstance(field, models.ForeignKey) or target is None:
                continue
            below = target._meta.app_label
            if below in OURS:
                assert order.index(below) <= order.index(label), field


def test_every_url_of_ours_has_a_name():
    ours = [
        pattern
        for resolver in get_resolver().url_patterns
        if getattr(resolver, "app_name", None) in OURS
        for pattern in patterns_in(resolver)
    ]
    assert len(ours) > 100
    assert [str(it.pattern) for it in ours if not it.name] == []


def patterns_in(resolver):
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from patterns_in(pattern)
        else:
            yield pattern


@pytest.mark.parametrize("package", ["sklearn", "statsmodels", "scipy", "pandas"])
def test_the_web_process_does_not_load_numerics(package):
    code = (
        "import django; django.setup();"
        "from django.urls import get_resolver; get_resolver().url_patterns;"
        f"import sys; sys.exit({package!r} in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        check=False,
    )
    assert done.returncode == 0


def models_at_the_desk():
    """Ours, each on a page of its own or as rows on another's."""
    desks = admin.site._registry.values()
    shown = {desk.model for desk in desks} | {
        inline.model for desk in desks for inline in desk.inlines
    }
    return sorted(
        (model for model in shown if model._meta.app_label in OURS),
        key=lambda model: model._meta.label,
    )


def names_at_the_desk():
    """Everything the desk calls a model, its fields and what these may hold."""
    for label in OURS:
        yield f"the app {label}", apps.get_app_config(label).verbose_name
    for model in models_at_the_desk():
        meta = model._meta
        yield meta.label, meta.verbose_name
        yield meta.label, meta.verbose_name_plural
        for field in (*meta.fields, *meta.many_to_many):
            yield from names_of(field)


def names_of(field):
    # Django gives names of its own to what it makes itself.
    of_djangos = field.auto_created or field.name in {"id", "tags", "tagged_items"}
    if not of_djangos:
        yield str(field), field.verbose_name
    if field.help_text:
        yield str(field), field.help_text
    for _value, label in field.flatchoices:
        if label and field.name != "language":  # languages call themselves
            yield f"{field} choice", label


def test_the_desk_calls_everything_by_translatable_names():
    raw = {
        place for place, name in names_at_the_desk() if not isinstance(name, Promise)
    }

    assert raw == set()


def test_the_desk_calls_everything_by_a_chinese_name():
    with translation.override("zh-hans"):
        english = {
            (place, str(name))
            for place, name in names_at_the_desk()
            if str(name).isascii()
        }

    assert english == set()
