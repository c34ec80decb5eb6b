"""Pictures and files in posts."""

import datetime as dt
import io
import re
from functools import partial
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from accounts import privacy
from accounts.models import Space
from accounts.services.spaces import join_space
from community.lib.uploads import NotAccepted
from content.errors import NoRoom
from content.models import Post, PostFile, Topic
from content.services import discussions, post_files
from content.steps import tidy_uploads
from tests.factories.accounts import make_space
from tests.factories.discussions import make_post, make_topic

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.UPLOADS_DIR = tmp_path / "uploads"


def picture(name="cat.png"):
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue(), "image/png")


def pdf(name="plan.pdf", size=20):
    return SimpleUploadedFile(name, b"%PDF-".ljust(size, b"x"), "application/pdf")


def got(client, file):
    answer = client.get(file.get_absolute_url())
    b"".join(answer)  # closes the file that is sent
    return answer


def add(member, upload, **more):
    return post_files.add_file(upload=upload, by=member, **more)


@pytest.fixture
def topic(member):
    return make_topic(member, space=make_space("open", access=Space.Access.PUBLIC))


@pytest.fixture
def signed_in(client, member):
    client.force_login(member)
    return client


def test_a_picture_is_made_anew_and_shown_where_its_link_stands(signed_in, topic):
    answer = signed_in.post("/posts/files/", {"file": picture()})
    markdown = answer.json()["markdown"]
    post = discussions.reply(topic=topic, author=topic.author, body=markdown)

    file = PostFile.objects.get()
    assert (file.post, file.suffix) == (post, ".webp")
    assert f'<img src="{file.get_absolute_url()}"' in post.body_html.replace(
        ' loading="lazy"', ""
    ).replace("<img  ", "<img ")
    assert got(signed_in, file)["Content-Type"] == "image/webp"


def test_without_scripts_a_file_comes_with_the_reply(signed_in, topic):
    sent = {"body": "See the plan", "form_key": uuid4()}
    for _ in range(2):
        signed_in.post(f"/topics/{topic.pk}/reply/", sent | {"file": pdf()})

    post = Post.objects.get(number=2)
    file = PostFile.objects.get()
    assert file.post == post
    assert post.body == f"See the plan\n\n[plan.pdf]({file.get_absolute_url()})"
    assert got(signed_in, file)["Content-Disposition"].startswith("attachment")


def test_it_stays_with_the_text_when_that_is_refused(signed_in, member, topic):
    make_post(topic, member)
    Topic.objects.update(slow_seconds=600)
    url = f"/topics/{topic.pk}/reply/"
    refused = signed_in.post(url, {"body": "See the plan", "file": pdf()})

    assert refused.status_code == 422
    file = PostFile.objects.get()
    assert f"[plan.pdf]({file.get_absolute_url()})" in refused.content.decode()
    assert file.post is None


def test_it_comes_with_a_new_topic_and_an_edit_too(signed_in, topic):
    sent = {"kind": "question", "title": "Why?", "body": "So.", "file": pdf()}
    signed_in.post("/spaces/open/new/", sent)
    assert PostFile.objects.get().post.number == 1

    post = topic.posts.get()
    sent = {"title": "T", "body": "B", "form_key": uuid4()}
    for _ in range(2):
        signed_in.post(f"/posts/{post.pk}/edit/", sent | {"file": picture()})
    assert PostFile.objects.get(post=post).suffix == ".webp"
    assert post.revisions.count() == 1


def test_what_is_refused_keeps_the_text(signed_in, topic):
    program = partial(SimpleUploadedFile, "run.pdf", b"MZ\x00\x01\x02")
    answer = signed_in.post(
        f"/topics/{topic.pk}/reply/", {"body": "Precious words", "file": program()}
    )
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Precious words</textarea>" in page
    assert "Attach a PDF" in page
    assert PostFile.objects.count() == 0
    answer = signed_in.post("/posts/files/", {"file": program()})
    assert "Attach a PDF" in answer.json()["error"]


def test_nobody_fills_the_disk(member, monkeypatch):
    monkeypatch.setattr(post_files, "MOST_BYTES", 100)
    monkeypatch.setattr(post_files, "MOST_BYTES_A_DAY", 150)
    with pytest.raises(NotAccepted):
        add(member, pdf(size=101))
    add(member, pdf(size=100))
    with pytest.raises(NoRoom):
        add(member, pdf(size=51))
    PostFile.objects.update(created_at=timezone.now() - dt.timedelta(days=2))
    add(member, pdf(size=51))
    monkeypatch.setattr(post_files, "MOST_A_DAY", 1)
    with pytest.raises(NoRoom):
        add(member, pdf(size=10))


def test_only_readers_of_the_topic_get_it(client, member, other_member, operator):
    space = make_space("closed", access=Space.Access.JOINED)
    join_space(space=space, member=member)
    topic = make_topic(member, space=space)
    file = add(member, pdf())
    url = file.get_absolute_url()
    client.force_login(other_member)
    assert client.get(url).status_code == 404
    post = discussions.reply(
        topic=topic, author=member, body=post_files.markdown_of(file)
    )
    assert client.get(url).status_code == 404
    join_space(space=space, member=other_member)
    assert got(client, file).status_code == 200
    discussions.hide_post(post=post, reason="", by=operator)
    assert client.get(url).status_code == 404


def test_nobody_takes_anothers_file(member, other_member, topic):
    file = add(member, pdf())
    discussions.reply(
        topic=topic, author=other_member, body=post_files.markdown_of(file)
    )
    file.refresh_from_db()
    assert file.post is None


def test_a_link_that_is_no_key_harms_nothing(member, topic):
    body = f"/media/posts/{'-' * 36}/"
    assert discussions.reply(topic=topic, author=member, body=body).body == body


def test_the_night_sweeps_what_was_never_posted(
    member, topic, django_capture_on_commit_callbacks
):
    posted, kept, old = (add(member, pdf(size=20 + n)) for n in range(3))
    discussions.reply(topic=topic, author=member, body=post_files.markdown_of(posted))
    long_ago = timezone.now() - dt.timedelta(days=31)
    PostFile.objects.exclude(pk=kept.pk).update(created_at=long_ago)
    with django_capture_on_commit_callbacks(execute=True):
        assert tidy_uploads(None)["not posted"] == 1

    assert set(PostFile.objects.all()) == {posted, kept}
    assert not default_storage.exists(old.path)
    assert default_storage.exists(posted.path)


def test_a_copy_of_ones_data_has_them_and_erasing_takes_them(
    member, topic, django_capture_on_commit_callbacks
):
    file = add(member, pdf())
    post = discussions.reply(
        topic=topic, author=member, body=post_files.markdown_of(file)
    )
    discussions.edit_post(post=post, body="Other words")
    copy = privacy.export_all(member)["content"]
    assert copy["files in posts"][0]["name"] == "plan.pdf"
    assert file.get_absolute_url() in copy["earlier texts of posts"][0]["body"]
    assert file.path in privacy.files_of(member)

    with django_capture_on_commit_callbacks(execute=True):
        privacy.erase_all(member)
    assert not PostFile.objects.exists()
    assert not post.revisions.exists()
    assert not default_storage.exists(file.path)


@pytest.mark.parametrize("name", ["a]b(c).pdf", "<i>.pdf", "@anna.pdf", "../x.pdf"])
def test_a_name_cannot_break_out_of_its_link(member, topic, name):
    file = add(member, pdf(name))
    post = discussions.reply(
        topic=topic, author=member, body=post_files.markdown_of(file)
    )
    links = re.findall(r'href="([^"]+)"', post.body_html)
    assert links == [file.get_absolute_url()]
