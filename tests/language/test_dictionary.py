"""Reading a dictionary of terms, and refusing one that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from vocation.errors import DataError
from vocation.language.dictionary import Term, read_terms


def written(folder: Path, content: str | bytes, name: str = "terms.tsv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


WANTED = [Term(term="MI", action="unify", replacement="myocardial infarction"), Term(term="糖尿病")]


@pytest.mark.parametrize(
    "content",
    [
        "MI\tunify\tmyocardial infarction\n糖尿病\n",
        "\ufeffterm\taction\treplacement\r\nMI\tunify\tmyocardial infarction\r\n\r\n# note\r\n糖尿病\tprotect\t\r\n",
        "MI\tunify\tmyocardial infarction\n糖尿病\n糖尿病\n",
    ],
)
def test_lines_with_tabs_are_read(tmp_path: Path, content: str) -> None:
    assert read_terms(written(tmp_path, content)) == WANTED


def test_yaml_is_read(tmp_path: Path) -> None:
    content = "- {term: MI, action: unify, replacement: myocardial infarction}\n- term: 糖尿病\n"
    assert read_terms(written(tmp_path, content, "terms.yaml")) == WANTED


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.tsv", "MI\tunifi\tx\n", r"row 1, column 'action'.*Did you mean 'unify'"),
        ("t.tsv", "头痛\nMI\tunify\n", "row 2.*needs a replacement"),
        ("t.tsv", "MI\tprotect\tx\n", "row 1.*takes no replacement"),
        ("t.tsv", "病\t12\n", "row 1, column 'action'"),
        ("t.tsv", "a\tunify\tb\tc\n", "row 1.*too many columns"),
        ("t.tsv", "a\tunify\tb\na\tunify\tc\n", "row 2.*stands here again"),
        ("t.tsv", b"\xff\xfe\x00", "not UTF-8"),
        ("t.yaml", "term: MI\n", "not a list"),
        ("t.yaml", "- [\n", "not valid YAML"),
        ("t.yaml", "- MI\n", "row 1: The term cannot be used"),
        ("t.yaml", "- {term: MI, meaning: x}\n", "row 1, column 'meaning'"),
    ],
)
def test_a_wrong_dictionary_is_refused_with_its_place(
    tmp_path: Path, name: str, content: str | bytes, message: str
) -> None:
    with pytest.raises(DataError, match=f"(?s){message}"):
        read_terms(written(tmp_path, content, name))


def test_a_missing_dictionary_says_where_paths_start(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="relative paths start at the recipe's folder"):
        read_terms(tmp_path / "none.tsv")


def test_a_term_of_white_space_is_none() -> None:
    with pytest.raises(ValidationError, match="white space alone"):
        Term(term="  ")
