"""The community's own colour and logo: readable, the same for all, kept by browsers."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from accounts.models import Community
from accounts.services import community
from community.lib.colours import AA, DARK, LIGHT, contrast, shades

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.fixture
def branded(db):
    row, _ = Community.objects.update_or_create(pk=1, defaults={"accent": "#17598f"})
    community.forget()
    yield row
    community.forget()


def picture(kind="PNG", size=(600, 300)):
    out = io.BytesIO()
    Image.new("RGBA", size, (20, 120, 60, 128)).save(out, kind)
    return SimpleUploadedFile("logo.png", out.getvalue(), "image/png")


def test_contrast_is_as_wcag_defines_it():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    # https://webaim.org/resources/contrastchecker/: the lightest grey that passes AA
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)


@pytest.mark.parametrize("ground", [LIGHT, DARK])
@given(accent=COLOURS)
def test_every_colour_ends_as_one_that_can_be_read(ground, accent):
    made = shades(accent, ground)

    for on in (*ground.papers, made.soft):
        assert contrast(made.seal, on) >= AA
    assert contrast(made.ink, made.seal) >= AA
    assert contrast(made.ink, made.hover) >= AA


def test_a_colour_that_can_be_read_stays_as_it_is():
    assert shades("#b8321a", LIGHT).seal == "#b8321a"


def test_pages_carry_the_colour_of_the_community(client, branded):
    page = client.get("/plans/").content.decode()
    (url,) = re.findall(r'href="(/brand/[^"]+\.css)"', page)

    answer = client.get(url)

    assert answer["Content-Type"].startswith("text/css")
    assert "immutable" in answer["Cache-Control"]
    assert "--seal:#17598f" in answer.content.decode()


def test_without_a_colour_there_is_no_sheet_more(client, db):
    assert (
        'rel="stylesheet" href="/brand/' not in client.get("/plans/").content.decode()
    )


def test_the_operator_gives_a_colour_and_a_logo(client, operator, branded, settings):
    client.force_login(operator)
    form = {"name": "Tea", "language": "en", "currency": "CNY", "join_mode": "open"}
    form["answer_hours"] = 48
    url = reverse("admin:accounts_community_change", args=[1])

    refused = client.post(url, {**form, "accent": "red"})
    answer = client.post(url, {**form, "accent": "#123ABC", "logo": picture()})

    assert "#rrggbb" in refused.content.decode()
    assert answer.status_code == 302
    row = Community.objects.get()
    assert row.accent == "#123ABC"
    logo = client.get(row.logo.url)
    assert Image.open(io.BytesIO(b"".join(logo.streaming_content))).size == (256, 256)
    assert row.logo.url in client.get("/plans/").content.decode()


def test_a_file_that_is_no_picture_is_refused(client, operator, branded):
    client.force_login(operator)
    form = {"name": "Tea", "language": "en", "currency": "CNY", "join_mode": "open"}
    form["answer_hours"] = 48
    bad = SimpleUploadedFile("logo.png", b"<svg onload=alert(1)>", "image/png")

    answer = client.post(
        reverse("admin:accounts_community_change", args=[1]), {**form, "logo": bad}
    )

    assert answer.status_code == 200
    assert not Community.objects.get().logo


def test_a_shared_link_has_a_picture_of_the_right_size(client, branded):
    (url,) = re.findall(
        r'og:image" content="http://[^/]+([^"]+)"', client.get("/").content.decode()
    )

    answer = client.get(url)

    drawn = Image.open(io.BytesIO(answer.content))
    assert drawn.size == (1200, 630)
    assert drawn.getpixel((5, 5)) == (0x17, 0x59, 0x8F)
    assert len(drawn.getcolors(10_000)) > 1  # the mark stands on it
