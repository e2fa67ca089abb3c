"""A recipe's text: what is refused before validation, on which line a setting stands, and what --set changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from vocation.errors import RecipeError
from vocation.recipe_source import RecipeSource

TEXT = """\
name: trial
tuning:
  epochs: 3
corpus:
  cleaning: [unicode, minimum_length]
  sources:
    - kind: csv
      path: rows.csv
"""


@pytest.fixture
def source(tmp_path: Path) -> RecipeSource:
    return read(tmp_path, TEXT)


def read(folder: Path, content: str | bytes) -> RecipeSource:
    path = folder / "recipe.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return RecipeSource.read(path)


def test_every_setting_knows_its_line(source: RecipeSource) -> None:
    assert source.lines == {
        (): 1,
        ("name",): 1,
        ("tuning",): 2,
        ("tuning", "epochs"): 3,
        ("corpus",): 4,
        ("corpus", "cleaning"): 5,
        ("corpus", "cleaning", 0): 5,
        ("corpus", "cleaning", 1): 5,
        ("corpus", "sources"): 6,
        ("corpus", "sources", 0): 7,
        ("corpus", "sources", 0, "kind"): 7,
        ("corpus", "sources", 0, "path"): 8,
    }


def test_place_of_what_is_missing_is_the_nearest_place_above(source: RecipeSource) -> None:
    assert source.place(("corpus", "sources", 0, "delimiter")) == f"{source.path}:7"
    assert source.place(("model",)) == f"{source.path}:1"


@pytest.mark.parametrize("content", ["\ufeffname: trial\n".encode(), "名称: 试验\n".encode()])
def test_utf_8_is_read_with_and_without_a_byte_order_mark(tmp_path: Path, content: bytes) -> None:
    assert list(read(tmp_path, content).data) in (["name"], ["名称"])


def test_missing_file_is_refused_with_its_nearest_sibling(tmp_path: Path) -> None:
    read(tmp_path, TEXT)
    with pytest.raises(RecipeError, match=r"recip\.yaml does not exist\. Did you mean 'recipe\.yaml'\?"):
        RecipeSource.read(tmp_path / "recip.yaml")


def test_missing_file_in_a_missing_folder_is_refused_without_a_guess(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"recipe\.yaml does not exist\.$"):
        RecipeSource.read(tmp_path / "nowhere" / "recipe.yaml")


def test_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"is a folder, not a recipe\.\n  what to do: name the YAML file in it"):
        RecipeSource.read(tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"name: \xb0\xa1\n", r"recipe\.yaml is not UTF-8 at byte 6\.\n  what to do: save it as UTF-8"),
        (b"name: [trial\n", r"recipe\.yaml is not valid YAML: while parsing a flow sequence(.|\n)*line 1, column 7"),
        (b"name: trial\n---\nname: other\n", r"recipe\.yaml is not valid YAML: expected a single document"),
        (b"name: !!python/object:os.system ls\n", r"recipe\.yaml is not valid YAML: could not determine a constructor"),
        (b"name: 2026-13-45\n", r"recipe\.yaml is not valid YAML: month must be in 1\.\.12"),
        (b"name: &a [*a]\n", r"recipe\.yaml nests too deeply\.\n  what to do: look for an alias"),
        (b"name: " + b"[" * 5000, r"recipe\.yaml nests too deeply\."),
        (
            b"- name\n",
            r"recipe\.yaml is not a recipe: it holds list, .*\n  what to do: start from one that `vocation init",
        ),
        (b"", r"recipe\.yaml is not a recipe: it holds NoneType"),
        (b"name: a\nmodel: b\nname: c\n", r"recipe\.yaml:3: name stands here again; it was set on line 1 already\."),
        (b"name: a\n7: b\n", r"recipe\.yaml:2: 7 is not the name of a setting, YAML reads it as int\."),
        (b"on: a\n", r"recipe\.yaml:1: on is not the name of a setting, YAML reads it as bool\.\n.*put it in quotes"),
        (b"tuning:\n  seed: 1\n  seed: 2\n", r"recipe\.yaml:3: seed stands here again; it was set on line 2 already\."),
    ],
)
def test_what_is_no_recipe_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        read(tmp_path, content)


def test_anchors_aliases_and_merges_are_read(tmp_path: Path) -> None:
    text = "one: &one {kind: csv}\ntwo: {<<: *one, path: rows.csv}\nthree: *one\n"
    source = read(tmp_path, text)
    assert source.data["two"] == {"kind": "csv", "path": "rows.csv"}
    assert source.place(("two", "path")) == f"{source.path}:2"
    assert source.data["three"] == {"kind": "csv"}


def test_file_that_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"has 4194305 bytes; a recipe has at most 4194304\."):
        read(tmp_path, b"#" * (4 * 1024 * 1024 + 1))


@pytest.mark.parametrize(
    ("assignment", "trail", "value"),
    [
        ("name=other", ("name",), "other"),
        ("tuning.epochs=7", ("tuning", "epochs"), 7),
        ("tuning.early_stopping.patience=null", ("tuning", "early_stopping", "patience"), None),
        ("tuning.early_stopping.patience=", ("tuning", "early_stopping", "patience"), None),
        ("corpus.sources.0.path=a=b.csv", ("corpus", "sources", 0, "path"), "a=b.csv"),
        ("corpus.cleaning.0=whitespace", ("corpus", "cleaning", 0), "whitespace"),
        ("corpus.cleaning=[]", ("corpus", "cleaning"), []),
        ("task={kind: entities, stride: 8}", ("task",), {"kind": "entities", "stride": 8}),
        (" tuning.epochs = 7", ("tuning", "epochs"), 7),
    ],
)
def test_override_sets_one_place(
    source: RecipeSource, assignment: str, trail: tuple[str | int, ...], value: object
) -> None:
    source.override(assignment)
    place: object = source.data
    for part in trail:
        assert isinstance(place, dict | list)
        place = place[part]  # type: ignore[index]
    assert place == value
    assert source.place(trail) == f"--set {assignment}"


@pytest.mark.parametrize(
    ("text", "assignment", "name"),
    [("task: entities\n", "task.stride=8", "task"), (TEXT, "corpus.cleaning.1.characters=8", "corpus.cleaning.1")],
)
def test_override_below_a_component_given_by_its_name_keeps_its_kind(
    tmp_path: Path, text: str, assignment: str, name: str
) -> None:
    source = read(tmp_path, text)
    source.override(assignment)
    place: object = source.data
    for part in name.split("."):
        place = place[int(part)] if isinstance(place, list) else place[part]  # type: ignore[index]
    assert place in ({"kind": "entities", "stride": 8}, {"kind": "minimum_length", "characters": 8})


def test_later_override_wins(source: RecipeSource) -> None:
    source.override("tuning.epochs=7")
    source.override("tuning.epochs=8")
    assert source.data["tuning"]["epochs"] == 8
    assert source.place(("tuning", "epochs")) == "--set tuning.epochs=8"


def test_lines_below_a_replaced_setting_are_forgotten(source: RecipeSource) -> None:
    assert source.place(("corpus", "sources", 0, "path")) == f"{source.path}:8"
    source.override("corpus.sources=[{kind: jsonl}]")
    assert source.place(("corpus", "sources", 0, "path")) == "--set corpus.sources=[{kind: jsonl}]"
    assert source.place(("corpus", "cleaning")) == f"{source.path}:5"


def test_a_place_that_an_override_made_on_the_way_is_named_by_it(source: RecipeSource) -> None:
    source.override("tunning.epochs=7")
    assert source.place(("tunning",)) == "--set tunning.epochs=7"


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("tuning.epochs", "this is not a setting and its value.\n  allowed: --set tuning.learning_rate=2e-5"),
        ("=7", "this is not a setting and its value."),
        ("tuning.epochs=[7", "the value is not YAML: while parsing a flow sequence"),
        ("name=2026-13-45", "the value is not YAML: month must be in 1..12"),
        ("corpus.sources.1=rows.csv", "corpus.sources.1 is not an item of a list of 1."),
        ("corpus.sources.1.path=rows.csv", "corpus.sources.1 is not an item of a list of 1."),
        ("corpus.sources.-1.path=rows.csv", "corpus.sources.-1 is not an item of a list of 1."),
        ("corpus.sources.path=rows.csv", "corpus.sources.path is not an item of a list of 1."),
        ("tuning.epochs.most=7", "tuning.epochs.most cannot be set, because what is above it holds no settings."),
        ("tuning.epochs.most.now=7", "tuning.epochs.most cannot be set, because what is above it holds no settings."),
    ],
)
def test_override_that_cannot_be_done_names_itself(source: RecipeSource, assignment: str, message: str) -> None:
    with pytest.raises(RecipeError) as caught:
        source.override(assignment)
    assert str(caught.value).startswith(f"--set {assignment}: {message}")
