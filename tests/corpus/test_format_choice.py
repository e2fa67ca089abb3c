"""Which format a file is of, by its name, its ending and its first rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from vocation.component import kinds
from vocation.corpus.format_choice import format_of, require_free
from vocation.corpus.formats import Format, WritableFormat
from vocation.errors import ArtifactError, RecipeError

SPAN = [0, 1, "X"]
CLAIMED: dict[str, tuple[str, list[Any]]] = {
    "label_studio": ("a.json", [{"data": {"text": "x"}, "annotations": [{"result": []}]}]),
    "squad": ("a.json", [{"paragraphs": [{"context": "x", "qas": []}]}]),
    "doccano": ("a.jsonl", [{"text": "x", "label": []}, {"text": "x", "label": [SPAN]}]),
}


@pytest.mark.parametrize("family", [Format, WritableFormat])
def test_every_ending_of_every_format_means_one_format(family: type[Format]) -> None:
    found: dict[str, str] = {}
    for kind in kinds("vocation.corpus.formats").values():
        if issubclass(kind, family):
            found |= {suffix: format_of(Path(f"a{suffix}"), family).__name__ for suffix in kind.suffixes}
    assert (found[".json"], found[".jsonl"], found[".ndjson"]) == ("Json", "Jsonl", "Jsonl")
    assert (found[".tsv"], found[".bmes"]) == ("Csv", "Conll")
    assert len(found) == (24 if family is Format else 12)
    assert len(set(found.values())) == (13 if family is Format else 6)


def test_a_name_is_taken_before_the_ending() -> None:
    assert format_of(Path("a.json"), Format, "squad").__name__ == "Squad"
    with pytest.raises(RecipeError, match="--to squad: this format cannot be written"):
        format_of(Path("a.json"), WritableFormat, "squad", "--to")
    with pytest.raises(RecipeError, match=r"--from sqaud: this format is not known\. Did you mean 'squad'\?"):
        format_of(Path("a.json"), Format, "sqaud", "--from")


@pytest.mark.parametrize("name", ["a", "a.pages", "a.gz", ".json", "a.xlsx.gz"])
def test_an_ending_of_no_format_is_refused_with_what_there_is(name: str) -> None:
    with pytest.raises(RecipeError, match=r"does not say its format\.\n  allowed: .*\.csv, "):
        format_of(Path(name), Format)
    with pytest.raises(RecipeError, match=r"does not say its format\.\n  what to do: give --from, one of alpaca, "):
        format_of(Path(name), Format, None, "--from")


def test_an_ending_that_several_formats_have_and_none_is_named_for_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds("vocation.corpus.formats")["jsonl"], "suffixes", (".jsonl",))
    monkeypatch.setattr(kinds("vocation.corpus.formats")["messages"], "suffixes", (".jsonl", ".ndjson"))
    with pytest.raises(RecipeError, match="give --from, one of doccano, messages"):
        format_of(Path("a.ndjson"), Format, None, "--from")
    with pytest.raises(RecipeError, match="may be doccano, messages"):
        format_of(Path("a.ndjson"), Format)


@pytest.mark.parametrize("kind", CLAIMED)
def test_a_file_whose_rows_state_offsets_of_another_format_is_refused(tmp_path: Path, kind: str) -> None:
    name, rows = CLAIMED[kind]
    path = tmp_path / name
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows) if name == "a.jsonl" else json.dumps(rows))
    with pytest.raises(RecipeError, match=f"has rows of '{kind}'(.|\n)*give --from {kind}, or --from json"):
        format_of(path, Format, None, "--from")
    with pytest.raises(RecipeError, match=f"vocation convert .* --from {kind}"):
        format_of(path, Format)
    plain = format_of(path, Format, "json" if name == "a.json" else "jsonl")
    assert len(list(plain(path="x").rows(path))) == len(rows)
    assert format_of(path, WritableFormat) is plain  # It will be replaced, whatever stands there.


@pytest.mark.parametrize("content", ['[{"text": "x", "label": "y", "messages": []}]', "[{", "", "\xff", '["a"]'])
def test_what_is_plain_or_damaged_is_left_to_its_reader(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(content, encoding="latin-1")
    assert format_of(path, Format).__name__ == "Json"


def test_a_target_is_free_or_may_be_replaced_and_is_not_the_source(tmp_path: Path) -> None:
    source, target = tmp_path / "a", tmp_path / "b"
    source.touch()
    require_free(source, target, overwrite=False)
    target.touch()
    require_free(source, target, overwrite=True)
    with pytest.raises(ArtifactError, match="is there already"):
        require_free(source, target, overwrite=False)
    (tmp_path / "link").symlink_to(source)
    with pytest.raises(ArtifactError, match="is the file that is read"):
        require_free(source, tmp_path / "link", overwrite=True)
