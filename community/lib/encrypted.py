"""Long streams that only the holder of a key can read: AES-256-GCM, block by block.

A file is a mark, a salt, then blocks of [length, kind, ciphertext]. Each has its number
as nonce, under a key of this file alone: a block cannot be changed, dropped, repeated
or moved unnoticed, and a file without its last block (kind END) is not whole.
"""

import os
import struct
from collections.abc import Iterator
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MARK = b"ZHIQUN BACKUP 1\n"
SALT = 16
BLOCK = 1024 * 1024
TAG = 16
HEAD = struct.Struct(">Ic")
END = b"E"


class Unreadable(Exception):
    """Another key, another kind of file, or not as it was written."""


class Writer:
    def __init__(self, file: IO[bytes], key: str):
        salt = os.urandom(SALT)
        self._file = file
        self._cipher = _cipher(key, salt)
        self._number = 0
        file.write(MARK + salt)

    def write(self, kind: bytes, data: bytes) -> None:
        """Add one block; not more than BLOCK bytes at a time are read back."""
        sealed = self._cipher.encrypt(_nonce(self._number), data, kind)
        self._file.write(HEAD.pack(len(sealed), kind) + sealed)
        self._number += 1


def read(file: IO[bytes], key: str) -> Iterator[tuple[bytes, bytes]]:
    """Kind and data of each block, the last of kind END. Raises Unreadable."""
    if file.read(len(MARK)) != MARK:
        raise Unreadable("It is not a backup of Zhiqun.")
    cipher = _cipher(key, file.read(SALT))
    number, kind = 0, b""
    while kind != END:
        kind, sealed = _next_block(file)
        try:
            yield kind, cipher.decrypt(_nonce(number), sealed, kind)
        except InvalidTag as error:
            raise Unreadable(_why(number)) from error
        number += 1
    if file.read(1):
        raise Unreadable("Something was added at its end.")


def _next_block(file: IO[bytes]) -> tuple[bytes, bytes]:
    head = file.read(HEAD.size)
    if len(head) < HEAD.size:
        raise Unreadable("Its end is missing.")
    length, kind = HEAD.unpack(head)
    if length > BLOCK + TAG:
        raise Unreadable("It was changed.")
    sealed = file.read(length)
    if len(sealed) < length:
        raise Unreadable("Its end is missing.")
    return kind, sealed


def _why(number: int) -> str:
    if number == 0:
        return "It was made with another BACKUP_KEY, or was changed."
    return f"Its block {number} was changed."


def _cipher(key: str, salt: bytes) -> AESGCM:
    derive = HKDF(SHA256(), length=32, salt=salt, info=b"zhiqun backup")
    return AESGCM(derive.derive(key.encode()))


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")
