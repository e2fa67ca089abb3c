"""The reference pages say what the settings say."""

from enum import StrEnum
from typing import Annotated, Literal

import pytest
import reference
from pydantic import Field

from vocation.cleaning import CleaningStep
from vocation.component import OneOf, Settings


class Colour(StrEnum):
    red = "red"


class Inner(Settings):
    """Something inside.

    With a second paragraph.
    """

    ratio: float = Field(default=0.5, gt=0, le=1, description="A share | of all.")


class Outer(Settings):
    """Everything."""

    name: str = Field(description="A name.")
    inner: Inner = Field(default=Inner(), description="Nested.")
    steps: tuple[Annotated[CleaningStep, OneOf("vocation.cleaning")], ...] = Field(default=(), description="Steps.")
    mode: Literal["a", "b"] = Field(default="a", description="A mode.")
    colour: Colour = Field(default=Colour.red, description="A colour.")
    limit: int | None = Field(default=None, ge=1, description="A limit.")
    columns: dict[str, str] = Field(default_factory=dict, description="Columns.")
    on: bool = Field(default=True, description="A switch.")


@pytest.fixture(scope="module")
def page() -> str:
    return reference.SettingsPage(Outer.model_json_schema()).text()


@pytest.mark.parametrize(
    "row",
    [
        "| `name` | string | required | A name. |",
        "| `inner` | settings, see below | see below | Nested. |",
        '| `mode` | `a`, `b` | `"a"` | A mode. |',
        '| `colour` | `red` | `"red"` | A colour. |',
        "| `limit` | whole number, ≥ 1 | none | A limit. |",
        "| `on` | `true` or `false` | `true` | A switch. |",
        "| `columns` | mapping of names to string | none | Columns. |",
        "| `ratio` | number, > 0, ≤ 1 | `0.5` | A share \\| of all. |",
    ],
)
def test_field_has_its_row_with_type_limits_and_default(page: str, row: str) -> None:
    assert row in page.splitlines()


def test_nested_settings_have_a_section_under_their_path(page: str) -> None:
    section = page.partition("## `inner`\n")[2]
    assert section.startswith("\nSomething inside.\n\nWith a second paragraph.\n\n| field |")


def test_every_kind_of_a_family_is_listed_and_has_a_section(page: str) -> None:
    row = next(line for line in page.splitlines() if line.startswith("| `steps` |"))
    for kind in ("unicode", "whitespace", "minimum_length"):
        assert f"`{kind}`" in row
        assert f"## `steps`: `kind: {kind}`" in page
    assert "| `kind` |" not in page
