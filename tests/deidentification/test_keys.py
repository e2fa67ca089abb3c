"""Keys: where they come from, what they never show."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from vocation.deidentification.keys import Key, KeySource, write_new_key
from vocation.errors import ArtifactError, RecipeError


def test_a_key_is_read_from_the_variable_or_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SECRET", "a secret of many letters")
    (tmp_path / "key").write_text("a secret of many letters\n")
    sources = KeySource(environment="SECRET"), KeySource(file=str(tmp_path / "key"))
    assert {source.read() for source in sources} == {b"a secret of many letters"}


@pytest.mark.parametrize("value", ["", "short"])
def test_a_missing_or_short_key_is_refused_without_being_shown(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("SECRET", value)
    with pytest.raises(RecipeError, match=r"(?s)SECRET.*16 or more.*--new-key") as error:
        KeySource(environment="SECRET").read()
    assert not value or value not in str(error.value).replace("too short", "")


def test_a_file_that_is_not_there_is_refused() -> None:
    with pytest.raises(RecipeError, match="cannot be read"):
        KeySource(file="nowhere").read()


def test_a_new_key_is_the_owners_alone_and_replaces_none(tmp_path: Path) -> None:
    path = tmp_path / "key"
    write_new_key(path)
    assert path.stat().st_mode & 0o077 == 0
    assert len(KeySource(file=str(path)).read()) >= 32
    with pytest.raises(ArtifactError, match="never replaced"):
        write_new_key(path)
    with pytest.raises(ArtifactError, match="cannot be written"):
        write_new_key(tmp_path / "no folder" / "key")


def test_a_key_is_neither_printed_nor_pickled() -> None:
    key = Key(b"a secret of many letters")
    assert "secret" not in repr(key)
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(key)


def test_digests_tell_parts_and_keys_apart() -> None:
    key, other = Key(b"a secret of many letters"), Key(b"another of many letters")
    assert key.digest("a", "bc") == Key(b"a secret of many letters").digest("a", "bc")
    assert len({key.digest("a", "bc"), key.digest("ab", "c"), key.digest("abc"), other.digest("a", "bc")}) == 4
    assert key.check_value() != other.check_value()
