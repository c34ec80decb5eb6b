"""Stored files, as they are sent."""

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from community.lib.files import send_file


def test_what_a_browser_must_not_show_is_downloaded(db, rf, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    told = {}
    for name in ("page.html", "song.mp3"):
        default_storage.save(name, ContentFile(b"x"))
        sent = send_file(rf.get("/"), name)
        assert sent.getvalue() == b"x"
        told[name] = sent["Content-Disposition"].split(";")[0]
        sent.close()
    assert told == {"page.html": "attachment", "song.mp3": "inline"}
