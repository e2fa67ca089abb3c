"""A team's dictionary of terms: what each stands for, or that it is to be left alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, Self, get_args

from pydantic import Field, ValidationError, model_validator

from vocation.component import Settings
from vocation.errors import DataError, did_you_mean

Action = Literal["protect", "unify", "expand"]
COLUMNS = ("term", "action", "replacement")


class Term(Settings):
    """One term of a dictionary."""

    term: str = Field(min_length=1, max_length=500, description="The term as it stands in texts.")
    action: Action = Field(
        default="protect",
        description="`protect`: later steps leave it as it is; `unify`: the replacement takes its place; `expand`: its "
        "first mention in a text becomes `replacement (term)`.",
    )
    replacement: str = Field(default="", max_length=2000, description="What `unify` and `expand` write.")

    @model_validator(mode="after")
    def _has_what_its_action_needs(self) -> Self:
        if not self.term.strip():
            raise ValueError("the term is white space alone")
        if (self.action == "protect") == bool(self.replacement):
            needs = "takes no replacement" if self.action == "protect" else "needs a replacement"
            raise ValueError(f"the action {self.action!r} {needs} (term {self.term[:60]!r})")
        return self


def read_terms(path: Path) -> list[Term]:
    """The terms of a file.

    Args:
        path: YAML (`.yaml`, `.yml`): a list of mappings with `term`, `action` and `replacement`. Any other name: lines
            of these three, with tabs between them; what is missing behind the term is as in `Term`. A first line that
            names the columns is allowed; empty lines and lines that begin with `#` are passed over. UTF-8.

    Raises:
        DataError: the file cannot be read, or a term in it is wrong or stands there twice with different meanings.
    """
    try:
        content = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(
            "The dictionary is not UTF-8", file=path, received=f"byte {error.start}", remedy="save it as UTF-8"
        ) from error
    except OSError as error:
        raise DataError(
            f"The dictionary cannot be read: {error.strerror}",
            file=path,
            remedy="correct `file`; relative paths start at the recipe's folder",
        ) from error
    rows = _yaml_rows(content, path) if path.suffix in (".yaml", ".yml") else _tsv_rows(content, path)
    return list(_checked(rows, path))


def _yaml_rows(content: str, path: Path) -> Iterator[tuple[int, Any]]:
    import yaml

    try:
        entries = yaml.safe_load(content)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise DataError(f"The dictionary is not valid YAML: {error}", file=path) from error
    if not isinstance(entries, list):
        raise DataError(
            "The dictionary is not a list",
            file=path,
            received=type(entries).__name__,
            allowed="- {term: MI, action: unify, replacement: myocardial infarction}",
        )
    yield from enumerate(entries, start=1)


def _tsv_rows(content: str, path: Path) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(content.splitlines(), start=1):
        cells = [cell.strip() for cell in line.split("\t")]
        if not line.strip() or line.startswith("#") or (number == 1 and cells[0].lower() == "term"):
            continue
        if len(cells) > len(COLUMNS):
            raise DataError(
                "The line has too many columns",
                file=path,
                row=number,
                received=f"{len(cells)} columns",
                allowed=" ⇥ ".join(COLUMNS),
            )
        yield number, {name: cell for name, cell in zip(COLUMNS, cells, strict=False) if cell}


def _checked(rows: Iterable[tuple[int, Any]], path: Path) -> Iterator[Term]:
    seen: dict[str, Term] = {}
    for number, row in rows:
        try:
            term = Term.model_validate(row)
        except ValidationError as error:
            raise _wrong_row(error, path, number) from error
        other = seen.setdefault(term.term, term)
        if other != term:
            raise DataError(
                "The term stands here again, and means something else",
                file=path,
                row=number,
                received=repr(term.term[:60]),
                remedy="keep one of the two lines",
            )
        if other is term:
            yield term


def _wrong_row(error: ValidationError, path: Path, number: int) -> DataError:
    first = error.errors(include_url=False)[0]
    column = str(first["loc"][0]) if first["loc"] else None
    hint = did_you_mean(str(first["input"]), get_args(Action)) if column == "action" else ""
    return DataError(
        f"The term cannot be used: {first['msg']}.{hint}",
        file=path,
        row=number,
        column=column,
        received=repr(first["input"])[:60],
        allowed="a term, an action (protect, unify, expand), and a replacement for the last two",
    )
