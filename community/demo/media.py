"""Small recordings for the demo's lessons, made here so that none are shipped.

The audio is a few bell strokes (WAV). The video is slides in WebM: each frame is a
VP8 key frame, which is exactly what Pillow writes into a lossy WebP picture.
"""

import io
import math
import struct
import wave

import numpy as np
from PIL import Image, ImageDraw

SECONDS = 20
RATE = 8000  # samples a second
SIZE = (640, 360)
CLUSTER = 5  # seconds: players seek to the beginning of a cluster
PAPER, INK, SEAL = "#fbfaf7", "#d8d3c6", "#b8321a"


def bell(seconds: int = SECONDS) -> bytes:
    """A stroke every four seconds, each an octave of partials dying away."""
    t = np.arange(seconds * RATE) / RATE
    since = t % 4
    sound = sum(
        np.exp(-since * k) * np.sin(2 * math.pi * 220 * k * t) / k for k in (1, 2, 3)
    )
    samples = np.asarray(sound / np.abs(sound).max() * 100 + 128, dtype=np.uint8)
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return out.getvalue()


def slides(seconds: int = SECONDS) -> bytes:
    """A brush circle that closes second by second, as a WebM video."""
    frames = [_frame(second / (seconds - 1)) for second in range(seconds)]
    return _webm(frames)


def _frame(part: float) -> bytes:
    picture = Image.new("RGB", SIZE, PAPER)
    draw = ImageDraw.Draw(picture)
    box = (220, 80, 420, 280)
    draw.arc(box, 0, 360, fill=INK, width=6)
    draw.arc(box, -90, -90 + 360 * part, fill=SEAL, width=14)
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=70)
    return _vp8(out.getvalue())


def _vp8(webp: bytes) -> bytes:
    """The VP8 frame inside a simple lossy WebP file."""
    if webp[12:16] != b"VP8 ":
        raise ValueError("not a simple lossy WebP picture")
    (size,) = struct.unpack("<I", webp[16:20])
    return webp[20 : 20 + size]


def _element(identifier: str, *content: bytes) -> bytes:
    body = b"".join(content)
    return bytes.fromhex(identifier) + struct.pack(">Q", 1 << 56 | len(body)) + body


def _number(identifier: str, value: int) -> bytes:
    return _element(identifier, value.to_bytes(max(1, (value.bit_length() + 7) // 8)))


def _webm(frames: list[bytes]) -> bytes:
    """One key frame a second; see the WebM container guidelines (EBML, RFC 8794)."""
    head = _element(
        "1A45DFA3",
        *(_number("4286", 1), _number("42F7", 1), _number("42F2", 4)),
        *(_number("42F3", 8), _element("4282", b"webm")),
        *(_number("4287", 2), _number("4285", 2)),
    )
    info = _element(
        "1549A966",
        _number("2AD7B1", 1_000_000),  # one tick is a millisecond
        _element("4489", struct.pack(">d", 1000.0 * len(frames))),
        _element("4D80", b"zhiqun"),
        _element("5741", b"zhiqun"),
    )
    width, height = SIZE
    video = _element("E0", _number("B0", width), _number("BA", height))
    track = (_number("D7", 1), _number("73C5", 1), _number("83", 1))
    tracks = _element(
        "1654AE6B", _element("AE", *track, _element("86", b"V_VP8"), video)
    )
    clusters = [
        _cluster(start, frames[start : start + CLUSTER])
        for start in range(0, len(frames), CLUSTER)
    ]
    cues = _cues([len(cluster) for cluster in clusters], len(info) + len(tracks))
    return head + _element("18538067", info, tracks, cues, *clusters)


def _cluster(start: int, frames: list[bytes]) -> bytes:
    blocks = (
        _element("A3", b"\x81" + struct.pack(">hB", 1000 * n, 0x80) + frame)
        for n, frame in enumerate(frames)
    )
    return _element("1F43B675", _number("E7", 1000 * start), *blocks)


def _cues(sizes: list[int], before: int) -> bytes:
    """Where each cluster begins; fixed-width numbers, so the size is known first."""

    def cues(first: int) -> bytes:
        points, place = [], first
        for n, size in enumerate(sizes):
            at = _element("F1", place.to_bytes(8))
            track = _element("B7", _number("F7", 1), at)
            time = _element("B3", (1000 * CLUSTER * n).to_bytes(4))
            points.append(_element("BB", time, track))
            place += size
        return _element("1C53BB6B", *points)

    return cues(before + len(cues(0)))
