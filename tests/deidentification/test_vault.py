"""The vault: what it gives back, to whom, and what it notices."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.deidentification import vault
from vocation.deidentification.vault import read_vault, restore, write_vault
from vocation.errors import ArtifactError
from vocation.text import Span, Text

SECRET, OTHER = b"a secret of many letters", b"another of many letters"
ENTRIES = {"[PERSON#0123456789abcdef]": "张三", "[US_SSN#0123456789abcdef]": "460-89-9847"}


def test_what_was_put_in_comes_out_with_the_key_alone(tmp_path: Path) -> None:
    path = tmp_path / "v"
    assert write_vault(path, ENTRIES.items(), SECRET) == 2
    assert read_vault(path, SECRET) == ENTRIES
    with pytest.raises(ArtifactError, match="cannot be opened"):
        read_vault(path, OTHER)


def test_nothing_in_it_can_be_read_and_only_its_owner_may(tmp_path: Path) -> None:
    path = tmp_path / "v"
    write_vault(path, ENTRIES.items(), SECRET)
    content = path.read_text()
    assert not any(part in content for part in ("张三", "460-89", "PERSON", SECRET.decode()))
    assert path.stat().st_mode & 0o077 == 0


def test_entries_that_are_there_already_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "v"
    write_vault(path, [("a", "1")], SECRET)
    assert write_vault(path, [("b", "2")], SECRET) == 2
    assert read_vault(path, SECRET) == {"a": "1", "b": "2"}
    with pytest.raises(ArtifactError, match="cannot be opened"):
        write_vault(path, [("c", "3")], OTHER)
    assert read_vault(path, SECRET) == {"a": "1", "b": "2"}


@pytest.mark.parametrize("change", ["cut", "swap", "flip", "header", "empty", "text", "append"])
def test_a_changed_vault_does_not_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    monkeypatch.setattr(vault, "_ENTRIES", 1)
    path = tmp_path / "v"
    write_vault(path, ENTRIES.items(), SECRET)
    header, *parts = path.read_text().splitlines()
    assert len(parts) == 2
    changed = {
        "cut": [header, parts[0]],
        "swap": [header, parts[1], parts[0]],
        "flip": [header, parts[0], ("A" if parts[1][0] != "A" else "B") + parts[1][1:]],
        "header": [header.replace('"p": 1', '"p": 2'), *parts],
        "empty": [],
        "text": ["hello", "world"],
        "append": [header, *parts, parts[1]],
    }[change]
    path.write_text("\n".join(changed))
    with pytest.raises(ArtifactError, match="cannot be opened"):
        read_vault(path, SECRET)


def test_a_header_that_asks_for_all_the_memory_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "v"
    write_vault(path, [], SECRET)
    path.write_text(path.read_text().replace('"n": 16384', '"n": 1073741824'))
    with pytest.raises(ArtifactError, match="cannot be opened"):
        read_vault(path, SECRET)


@given(st.dictionaries(st.text(), st.text(st.characters(codec="utf-8")), max_size=20))
def test_any_entries_survive(tmp_path_factory: pytest.TempPathFactory, entries: dict[str, str]) -> None:
    path = tmp_path_factory.mktemp("vault") / "v"
    entries = {key.encode(errors="replace").decode(): value for key, value in entries.items()}
    write_vault(path, entries.items(), SECRET)
    assert read_vault(path, SECRET) == entries


def test_pseudonyms_are_put_back_with_spans_and_unknown_ones_stay() -> None:
    pseudonym = next(iter(ENTRIES))
    text = Text(f"{pseudonym}，[PERSON#ffffffffffffffff]", (Span(0, len(pseudonym), "PERSON"),))
    assert restore(text, ENTRIES) == Text("张三，[PERSON#ffffffffffffffff]", (Span(0, 2, "PERSON"),))
