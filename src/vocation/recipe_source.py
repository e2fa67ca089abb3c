"""The text of a recipe: YAML as plain data, with the line on which each setting stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from vocation.errors import RecipeError, did_you_mean

Trail = Sequence[str | int]
"""Where a setting stands in the tree: names of mappings and positions in lists, from the root down."""

_NAMES = ("tag:yaml.org,2002:str", "tag:yaml.org,2002:merge")
_LARGEST = 4 * 1024 * 1024


@dataclass
class RecipeSource:
    """A recipe before validation.

    Args:
        path: the file.
        data: its content as plain mappings, lists and values.
        lines: 1-based line of each setting, by its trail.
        overridden: the override that gave a setting, by its trail.
    """

    path: Path
    data: dict[str, Any]
    lines: dict[tuple[str | int, ...], int]
    overridden: dict[tuple[str | int, ...], str] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> RecipeSource:
        """Reads a YAML file, without ever building anything but plain values.

        Raises:
            RecipeError: the file is missing, too large, not UTF-8, not YAML, not a mapping, or names a setting twice.
        """
        text = _read_text(path)
        try:
            return cls._parse(path, text)
        except RecursionError as error:
            raise RecipeError(
                f"{path} nests too deeply.\n  what to do: look for an alias (`*name`) of itself"
            ) from error

    @classmethod
    def _parse(cls, path: Path, text: str) -> RecipeSource:
        try:
            root = yaml.compose(text, Loader=yaml.SafeLoader)
            data = yaml.safe_load(text)
        except (yaml.YAMLError, ValueError) as error:  # ValueError: a date or number that is none, as 2026-13-45.
            raise RecipeError(f"{path} is not valid YAML: {error}") from error
        if not isinstance(data, dict) or root is None:
            raise RecipeError(
                f"{path} is not a recipe: it holds {type(data).__name__}, and a recipe is a mapping of settings.\n"
                "  what to do: start from one that `vocation init my-project` writes"
            )
        lines: dict[tuple[str | int, ...], int] = {(): 1}
        _note_lines(root, (), lines, path)
        return cls(path, data, lines)

    def override(self, assignment: str) -> None:
        """Sets one setting, as `tuning.learning_rate=2e-5`; the value is YAML.

        Raises:
            RecipeError: there is no `=`, the value is not YAML, or the place cannot hold settings.
        """
        name, separator, value = assignment.partition("=")
        if not separator or not name.strip():
            raise RecipeError(
                f"--set {assignment}: this is not a setting and its value.\n  allowed: --set tuning.learning_rate=2e-5"
            )
        trail = tuple(int(part) if part.isdecimal() else part for part in name.strip().split("."))
        try:
            parsed = yaml.safe_load(value) if value.strip() else None
        except (yaml.YAMLError, ValueError) as error:
            raise RecipeError(f"--set {assignment}: the value is not YAML: {error}") from error
        place: Any = self.data
        for depth, part in enumerate(trail[:-1]):
            place = self._child(place, part, trail[: depth + 1], assignment)
        self._require_place(place, trail, assignment)
        place[trail[-1]] = parsed
        replaced = len(trail)
        self.lines = {known: line for known, line in self.lines.items() if known[:replaced] != trail}
        self.overridden[trail] = assignment

    def trail(self, location: Trail) -> tuple[str | int, ...]:
        """Pydantic's location of an error without the tags of unions, which stand in no recipe."""
        place: Any = self.data
        found: list[str | int] = []
        for depth, part in enumerate(location):
            inside = (isinstance(place, dict) and part in place) or (
                isinstance(place, list) and isinstance(part, int) and part < len(place)
            )
            more, tag = depth < len(location) - 1, isinstance(place, dict) and place.get("kind") == part
            if inside and not (tag and more):  # A kind may have a field of its own name, behind the tag.
                place = place[part]
            elif more or tag:
                continue  # The tag of a union.
            found.append(part)
        return tuple(found)

    def place(self, trail: Trail) -> str:
        """File and line of a setting, or the override that gave it; the nearest place above for one that is missing."""
        for depth in range(len(trail), -1, -1):
            above = tuple(trail[:depth])
            if above in self.overridden:
                return f"--set {self.overridden[above]}"
            if above in self.lines:
                return f"{self.path}:{self.lines[above]}"
        return str(self.path)

    def _child(self, place: Any, part: str | int, trail: tuple[str | int, ...], assignment: str) -> Any:
        self._require_place(place, trail, assignment)
        if isinstance(place, dict) and place.get(part) is None:
            place[part] = {}
            if trail not in self.lines:
                self.overridden.setdefault(trail, assignment)
        elif isinstance(place[part], str):
            place[part] = {"kind": place[part]}  # A component that was given by its name alone.
        return place[part]

    def _require_place(self, place: Any, trail: Trail, assignment: str) -> None:
        """Refuses to set what stands neither in a mapping nor in a list."""
        name, part = ".".join(str(step) for step in trail), trail[-1]
        if isinstance(place, list) and not (isinstance(part, int) and part < len(place)):
            raise RecipeError(f"--set {assignment}: {name} is not an item of a list of {len(place)}.")
        if not isinstance(place, dict | list):
            raise RecipeError(f"--set {assignment}: {name} cannot be set, because what is above it holds no settings.")


def _read_text(path: Path) -> str:
    if not path.exists():
        siblings = [other.name for other in path.parent.glob("*.y*ml")] if path.parent.is_dir() else []
        raise RecipeError(f"The recipe {path} does not exist.{did_you_mean(path.name, siblings)}")
    if path.is_dir():
        raise RecipeError(f"{path} is a folder, not a recipe.\n  what to do: name the YAML file in it")
    try:
        if path.stat().st_size > _LARGEST:
            raise RecipeError(f"{path} has {path.stat().st_size} bytes; a recipe has at most {_LARGEST}.")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise RecipeError(f"{path} is not UTF-8 at byte {error.start}.\n  what to do: save it as UTF-8") from error
    except OSError as error:
        raise RecipeError(f"{path} cannot be read: {error.strerror}") from error


def _note_lines(
    node: yaml.Node, trail: tuple[str | int, ...], lines: dict[tuple[str | int, ...], int], path: Path
) -> None:
    if isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, value in node.value:
            name, line = str(key.value), key.start_mark.line + 1
            if key.tag not in _NAMES:
                read_as = key.tag.rpartition(":")[2]
                raise RecipeError(
                    f"{path}:{line}: {name} is not the name of a setting, YAML reads it as {read_as}.\n"
                    "  what to do: correct the name, or put it in quotes"
                )
            if name in seen:
                raise RecipeError(f"{path}:{line}: {name} stands here again; it was set on line {seen[name]} already.")
            seen[name] = line
            lines[*trail, name] = line
            _note_lines(value, (*trail, name), lines, path)
    elif isinstance(node, yaml.SequenceNode):
        for position, value in enumerate(node.value):
            lines[*trail, position] = value.start_mark.line + 1
            _note_lines(value, (*trail, position), lines, path)
