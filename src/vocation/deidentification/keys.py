"""Keys: where a secret comes from, and what is derived from it.

A recipe names the place of a secret (an environment variable or a file), never the secret. What is written anywhere is
derived from it by functions that cannot be turned round.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from functools import lru_cache
from pathlib import Path
from typing import NoReturn

from pydantic import Field

from vocation.component import Settings
from vocation.errors import ArtifactError, RecipeError

_SALT = b"vocation.deidentification.1"
SCRYPT = {"n": 1 << 14, "r": 8, "p": 1}
"""Cost of scrypt (RFC 7914) that OWASP's password storage cheat sheet gives for 16 MiB of memory."""
_SHORTEST = 16


class KeySource(Settings):
    """Where the secret is. A file is read where one is named, else the environment variable."""

    environment: str = Field(
        default="VOCATION_KEY",
        min_length=1,
        description="Name of the environment variable that holds the secret: 16 characters or more.",
    )
    file: str | None = Field(
        default=None,
        description="File that holds the secret, outside of the project; `vocation deidentify --new-key FILE` writes "
        "one. Relative to the folder in which the command runs.",
    )

    def read(self) -> bytes:
        """The secret.

        Raises:
            RecipeError: there is none, or it is too short to be one.
        """
        place = f"the file {self.file}" if self.file else f"the environment variable {self.environment}"
        try:
            value = Path(self.file).read_bytes() if self.file else os.environ.get(self.environment, "").encode()
        except OSError as error:
            raise RecipeError(
                f"The key cannot be read from {place}: {error.strerror or error}\n  what to do: {_ADVICE}"
            ) from error
        value = value.strip()
        if len(value) < _SHORTEST:
            raise RecipeError(
                f"De-identification needs a key, and {place} has {'none' if not value else 'one that is too short'}.\n"
                f"  received: {len(value)} characters\n  allowed: {_SHORTEST} or more\n  what to do: {_ADVICE}"
            )
        return value


_ADVICE = (
    "write one with `vocation deidentify --new-key FILE` and name it (`--key-file FILE`, or `key: {file: …}` in a "
    "recipe), or choose a method that needs no key (tag, mask, remove)"
)


class Key:
    """A secret, stretched by scrypt; it cannot be printed or pickled.

    Args:
        secret: as `KeySource.read` gives it.
    """

    def __init__(self, secret: bytes) -> None:
        self._stretched = _stretched(secret)

    def digest(self, *parts: str) -> bytes:
        """32 bytes that depend on the key and the parts (HMAC-SHA-256); equal for equal parts alone."""
        message = b"".join(len(part.encode()).to_bytes(8, "big") + part.encode() for part in parts)
        return hmac.digest(self._stretched, message, "sha256")

    def check_value(self) -> str:
        """What tells two keys apart and gives neither away, for an artifact's key or a manifest."""
        return self.digest("check value").hex()[:16]

    def __repr__(self) -> str:
        return "Key(…)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key is never pickled; read it again from its KeySource")


@lru_cache(maxsize=4)
def _stretched(secret: bytes) -> bytes:
    return hashlib.scrypt(secret, salt=_SALT, dklen=32, **SCRYPT)


def write_new_key(path: Path) -> None:
    """Writes a random key of 256 bits, readable by its owner alone.

    Raises:
        ArtifactError: the file is there already, or cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
    except FileExistsError as error:
        raise ArtifactError(
            f"{path} is there already; a key is never replaced.\n  what to do: give another name"
        ) from error
    except OSError as error:
        raise ArtifactError(f"{path} cannot be written: {error.strerror or error}") from error
