import pytest

from community.lib.embeds import Stream, stream_of

OWN = ["live.example.org"]


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (
            "https://www.youtube.com/live/abcdefghijk?si=x",
            "https://www.youtube-nocookie.com/embed/abcdefghijk",
        ),
        (
            "https://www.bilibili.com/video/BV1xx411c7mD",
            "https://player.bilibili.com/player.html?autoplay=0&bvid=BV1xx411c7mD",
        ),
        (
            "https://live.bilibili.com/22603245",
            "https://www.bilibili.com/blackboard/live/live-activity-player.html"
            "?cid=22603245",
        ),
        ("https://vimeo.com/event/4242", "https://vimeo.com/event/4242/embed"),
        ("https://meet.jit.si/ReadingRoom", "https://meet.jit.si/ReadingRoom"),
        ("https://live.example.org/Room", "https://live.example.org/Room"),
    ],
)
def test_a_site_on_the_list_is_shown_in_a_frame(address, shown):
    assert stream_of(address, OWN) == Stream("frame", shown)


@pytest.mark.parametrize(
    "address",
    ["https://live.example.org/hls/a.m3u8", "https://live.example.org/talk.mp4"],
)
def test_a_film_on_a_server_of_ones_own_is_played(address):
    assert stream_of(address, OWN) == Stream("film", address)
    assert stream_of(address) == Stream("link", address)


@pytest.mark.parametrize(
    "address",
    [
        "https://meeting.tencent.com/dm/abcdef",
        "https://us02web.zoom.us/j/123456?pwd=x",
        "https://meet.jit.si.evil.example/Room",
        "https://meet.jit.si/Room#config.startWithAudioMuted=true",
        "https://live.example.org@evil.example/Room",
        "https://evil.example/https://vimeo.com/event/4242",
    ],
)
def test_anything_else_is_a_link(address):
    assert stream_of(address, OWN) == Stream("link", address)


@pytest.mark.parametrize("address", ["", "http://vimeo.com/1", "javascript:alert(1)"])
def test_what_is_no_secure_address_is_not_shown(address):
    assert stream_of(address, OWN) is None


def test_a_frame_names_the_one_place_it_comes_from():
    shown = stream_of("https://vimeo.com/event/4242")
    assert shown.origin == "https://vimeo.com"
