"""The JSON Schema of recipes: it takes what `load_recipe` takes, and refuses unknown fields and kinds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.test_recipe import ROOT, SHIPPED, SMALLEST, UNKNOWN_FIELDS, UNKNOWN_KINDS, Mistake
from vocation.recipe import json_schema


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(json.dumps(json_schema()))
    jsonschema.Draft202012Validator.check_schema(schema)
    return schema


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_schema_accepts_every_shipped_recipe(schema: dict[str, Any], path: Path) -> None:
    jsonschema.validate(yaml.safe_load(path.read_text(encoding="utf-8")), schema)


@pytest.mark.parametrize("mistake", [*UNKNOWN_FIELDS, *UNKNOWN_KINDS], ids=lambda mistake: mistake.message[:40])
def test_schema_refuses_unknown_fields_and_kinds(schema: dict[str, Any], mistake: Mistake) -> None:
    jsonschema.validate(yaml.safe_load(SMALLEST), schema)
    text = SMALLEST.replace(mistake.old, mistake.new, 1) if mistake.old else SMALLEST + mistake.new
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.safe_load(text), schema)


def test_schema_describes_every_setting(schema: dict[str, Any]) -> None:
    objects = [schema, *schema["$defs"].values()]
    fields = [item for settings in objects for item in settings.get("properties", {}).items()]
    assert len(fields) > 60
    for name, field in fields:
        pointed = schema["$defs"][field["$ref"].rpartition("/")[2]] if "$ref" in field else {}
        assert field.get("description", pointed.get("description")), name
