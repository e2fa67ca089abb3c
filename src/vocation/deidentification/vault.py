"""The vault: which pseudonym stands for what, encrypted.

A vault is a text file. Its first line says how the key is stretched (scrypt, RFC 7914, with a salt of its own); each
line after it is a part of the entries, encrypted with AES-256-GCM under a nonce of its own. What is authenticated
with a part is the first line, the part's number, and whether it is the last one, so that no part can be changed,
moved, taken away or added without the key. Neither key nor value ever stands in it in the clear.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vocation.deidentification.keys import SCRYPT
from vocation.deidentification.lexicons import EXTRA
from vocation.deidentification.methods.pseudonym import PSEUDONYM
from vocation.errors import ArtifactError, MissingExtraError
from vocation.text import Edit, Text
from vocation.whole_files import open_private, written_beside

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_FORMAT = "vocation vault 1"
_ENTRIES = 4096  # Entries encrypted together.
_NONCE = 12  # Bytes; NIST SP 800-38D.
_SALT = 16
_LARGEST_COST = 1 << 20  # Of scrypt; a header that asks for more is an attack on memory.


def write_vault(path: Path, entries: Iterable[tuple[str, str]], secret: bytes) -> int:
    """Writes a vault, whole or not at all; the entries of one that is there already are kept.

    Args:
        path: the file, which only its owner can read.
        entries: pseudonyms and what they stand for.
        secret: as `KeySource.read` gives it.

    Returns:
        How many entries the vault has now.

    Raises:
        ArtifactError: it cannot be written, or one that is there cannot be opened with this key.
        MissingExtraError: cryptography is not installed.
    """
    merged = {**(read_vault(path, secret) if path.exists() else {}), **dict(entries)}
    header = json.dumps({"format": _FORMAT, "salt": os.urandom(_SALT).hex(), **SCRYPT})
    cipher = _cipher(header, secret)
    try:
        with written_beside(path) as temporary, open_private(temporary, encoding="ascii") as file:
            file.write(header + "\n")
            file.writelines(_sealed(merged, header, cipher))
    except OSError as error:
        raise ArtifactError(f"{path} cannot be written: {error.strerror or error}") from error
    return len(merged)


def read_vault(path: Path, secret: bytes) -> dict[str, str]:
    """The entries of a vault: pseudonyms, and what they stand for.

    Raises:
        ArtifactError: it cannot be read, is no vault, is damaged, or has another key.
        MissingExtraError: cryptography is not installed.
    """
    try:
        header, *lines = path.read_text(encoding="ascii").splitlines()
        cipher = _cipher(header, secret)
        entries: dict[str, str] = {}
        for number, line in enumerate(lines):
            entries |= _opened(line, _context(header, number, last=number == len(lines) - 1), cipher)
        if not lines:
            raise ValueError("it has no part")
    except OSError as error:
        raise ArtifactError(f"{path} cannot be read: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ArtifactError(
            f"{path} cannot be opened as a vault.\n  allowed: a vault that this key wrote, unchanged since\n"
            "  what to do: give the key that it was written with (--key-file, or the variable VOCATION_KEY)"
        ) from error
    return entries


def restore(text: Text, entries: Mapping[str, str]) -> Text:
    """The text with what its pseudonyms stand for; those that the vault does not have stay."""
    return text.edit(
        Edit(*match.span(), entries[match[0]]) for match in PSEUDONYM.finditer(text.content) if match[0] in entries
    )


def _sealed(entries: Mapping[str, str], header: str, cipher: AESGCM) -> Iterator[str]:
    rest = iter(sorted(entries.items()))
    number, part = 0, list(islice(rest, _ENTRIES))
    while True:
        following = list(islice(rest, _ENTRIES))
        nonce = os.urandom(_NONCE)
        context = _context(header, number, last=not following)
        sealed = cipher.encrypt(nonce, json.dumps(part, ensure_ascii=False).encode(), context)
        yield base64.b64encode(nonce + sealed).decode() + "\n"
        if not following:
            return
        number, part = number + 1, following


def _opened(line: str, context: bytes, cipher: AESGCM) -> dict[str, str]:
    from cryptography.exceptions import InvalidTag

    data = base64.b64decode(line, validate=True)
    try:
        return dict(json.loads(cipher.decrypt(data[:_NONCE], data[_NONCE:], context)))
    except InvalidTag as error:
        raise ValueError("another key, or a damaged part") from error


def _context(header: str, number: int, *, last: bool) -> bytes:
    return f"{header}\n{number}\n{'last' if last else 'more'}".encode()


def _cipher(header: str, secret: bytes) -> AESGCM:
    try:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    except ImportError as error:
        raise MissingExtraError("cryptography", EXTRA) from error
    settings: dict[str, Any] = json.loads(header)
    if settings["format"] != _FORMAT or settings["n"] * settings["r"] > _LARGEST_COST:
        raise ValueError("no vault of this version")
    salt = bytes.fromhex(settings["salt"])
    cost = {name: int(settings[name]) for name in SCRYPT}
    return AESGCM(hashlib.scrypt(secret, salt=salt, dklen=32, **cost))
