import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest


def test_only_the_desk_may_evaluate_scripts(client, operator):
    client.force_login(operator)

    desk = client.get("/admin/")["Content-Security-Policy"]
    page = client.get("/")["Content-Security-Policy"]

    assert "script-src 'self' 'unsafe-eval'" in desk
    assert "style-src 'self' 'unsafe-inline'" in desk
    assert "unsafe" not in page


@pytest.mark.parametrize(
    "path", ["/library/?q=%00", "/people/?field=a%00", "/people/%00/"]
)
def test_a_null_character_in_an_address_is_told_as_wrong(client, member, path):
    client.force_login(member)

    assert client.get(path).status_code == 400


def test_what_a_visitor_sends_is_refused_before_it_is_read(client, member, monkeypatch):
    def read(*args):
        raise AssertionError("it was read")

    large = {"file": SimpleUploadedFile("film.mp4", b"x" * 2 * 1024 * 1024)}
    monkeypatch.setattr(HttpRequest, "_load_post_and_files", read)

    assert client.post("/accounts/login/", large).status_code == 413
    monkeypatch.undo()
    assert client.post("/accounts/login/", {"login": "a"}).status_code == 200
    client.force_login(member)
    assert client.post("/me/profile/", large).status_code != 413
