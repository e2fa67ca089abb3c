"""Writes docs/reference/ from the code: every setting of a recipe, its JSON Schema, every command.

With `--check` nothing is written; the script fails when a page differs from what the code says.
"""

from __future__ import annotations

import argparse
import difflib
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "reference"
GENERATED = "<!-- Written by scripts/reference.py; change the docstrings in src/ and run `make reference`. -->\n\n"
LIMITS = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<", "minItems": "at least"}

Schema = Mapping[str, Any]


class SettingsPage:
    """The settings of a recipe as a page, walked depth first from its JSON Schema.

    Args:
        schema: the recipe's JSON Schema, with the nested settings in `$defs`.
    """

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.definitions: Mapping[str, Schema] = schema.get("$defs", {})

    def text(self) -> str:
        """The page as Markdown."""
        head = (
            "# Settings\n\nEvery field that a recipe may have. What has no default must be given; a field that is not "
            "listed here is refused. `--set path=value` overrides any of them for one run.\n"
        )
        return "\n".join([GENERATED + head, *self.section("", self.schema)]).rstrip() + "\n"

    def section(self, path: str, settings: Schema, kind: str | None = None) -> Iterator[str]:
        """One settings class: heading, what it is, its fields, then the settings inside it."""
        place = f"`{path}`" if path else "The recipe"
        level = 2 if "." not in path else 3
        yield f"{'#' * level} {place + ': `kind: ' + kind + '`' if kind else place}\n"
        if description := settings.get("description"):
            yield f"{description}\n"
        properties = {name: field for name, field in settings["properties"].items() if kind is None or name != "kind"}
        if properties:
            yield "| field | type | default | meaning |\n|---|---|---|---|"
            required = settings.get("required", ())
            yield "\n".join(self.row(name, field, name in required) for name, field in properties.items()) + "\n"
        for name, field in properties.items():
            yield from self.inside(f"{path}.{name}" if path else name, field)

    def inside(self, path: str, field: Schema) -> Iterator[str]:
        """The settings classes that one field may hold."""
        for settings in self.objects(field):
            constant = settings["properties"].get("kind", {}).get("const")
            yield from self.section(path, settings, constant)

    def objects(self, field: Schema) -> Iterator[Schema]:
        """Every settings class that a field's schema leads to, in the order in which the schema names them."""
        if "$ref" in field:
            target = self.definitions[field["$ref"].rpartition("/")[2]]
            if "properties" in target:
                yield target
        for key in ("anyOf", "oneOf", "allOf"):
            for choice in field.get(key, ()):
                yield from self.objects(choice)
        if isinstance(field.get("items"), Mapping):
            yield from self.objects(field["items"])

    def row(self, name: str, field: Schema, required: bool) -> str:
        """One line of a table of fields."""
        default = "required" if required else self.default(field.get("default"))
        cells = (f"`{name}`", self.type_name(field), default, self.meaning(field))
        return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"

    def meaning(self, field: Schema) -> str:
        """A field's description; pydantic leaves out one that only repeats the first line of what the field holds."""
        inside = " ".join(settings.get("description", "") for settings in self.objects(field))
        return str(field.get("description") or inside.partition("\n")[0])

    def default(self, value: Any) -> str:
        """A default as it would stand in a recipe; nested settings show theirs in their own section."""
        if value is None:
            return "none"
        if isinstance(value, Mapping) and value:
            return "see below"
        if isinstance(value, list):
            value = [item.get("kind", item) if isinstance(item, Mapping) else item for item in value]
        return f"`{json.dumps(value, ensure_ascii=False)}`"

    def type_name(self, field: Schema) -> str:
        """What may be given, in words, with the limits."""
        limits = ", ".join(f"{words} {field[key]}" for key, words in LIMITS.items() if key in field)
        name = self.bare_type(field)
        return f"{name}, {limits}" if limits and name else name

    def bare_type(self, field: Schema) -> str:
        """What may be given, in words, without the limits; empty for null."""
        if "$ref" in field:
            target = self.definitions[field["$ref"].rpartition("/")[2]]
            return "settings, see below" if "properties" in target else self.type_name(target)
        if choices := field.get("anyOf") or field.get("oneOf"):
            if any(self.kinds(choice) for choice in choices):
                return "one of " + ", ".join(f"`{kind}`" for choice in choices for kind in self.kinds(choice))
            return " or ".join(dict.fromkeys(filter(None, map(self.type_name, choices))))
        if "enum" in field or "const" in field:
            return ", ".join(f"`{value}`" for value in field.get("enum", [field.get("const")]))
        match field.get("type"):
            case "array":
                return f"list of {self.type_name(field.get('items', {})) or 'values'}"
            case "object":
                return f"mapping of names to {self.type_name(field.get('additionalProperties') or {}) or 'values'}"
            case "integer":
                return "whole number"
            case "boolean":
                return "`true` or `false`"
            case "null" | None:
                return ""
            case name:
                return str(name)

    def kinds(self, field: Schema) -> list[str]:
        """The kinds of component that a schema accepts."""
        constants = [settings["properties"].get("kind", {}).get("const") for settings in self.objects(field)]
        return [constant for constant in constants if constant]


def commands_page() -> str:
    """Every command with its arguments and options, as typer describes them."""
    command = [
        sys.executable,
        "-m",
        "typer",
        "vocation.cli",
        "utils",
        "docs",
        "--name",
        "vocation",
        "--title",
        "Commands",
    ]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    shortened = re.compile(r"\*\*Commands\*\*:\n\n(?:\* .*\n)+\n")  # Each has its own section below.
    return GENERATED + shortened.sub("", done.stdout).rstrip() + "\n"


def pages() -> dict[str, str]:
    """The name and the content of every generated file."""
    from vocation.recipe import json_schema

    schema = json_schema()
    return {
        "settings.md": SettingsPage(schema).text(),
        "commands.md": commands_page(),
        "recipe.schema.json": json.dumps(schema, ensure_ascii=False, indent=2) + "\n",
    }


def main() -> int:
    """Writes the pages, or with `--check` compares them; 1 if one differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a page is out of date")
    check = parser.parse_args().check
    FOLDER.mkdir(parents=True, exist_ok=True)
    stale = False
    for name, content in pages().items():
        path = FOLDER / name
        present = path.read_text(encoding="utf-8") if path.exists() else ""
        if present == content:
            continue
        stale = True
        if check:
            lines = difflib.unified_diff(
                present.splitlines(), content.splitlines(), f"{name} as it is", "as it should be"
            )
            print("\n".join(list(lines)[:40]))
        else:
            path.write_text(content, encoding="utf-8")
            print(f"wrote {path.relative_to(ROOT)}")
    return 1 if stale and check else 0


if __name__ == "__main__":
    sys.exit(main())
