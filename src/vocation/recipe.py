"""The recipe: one validated YAML tree that says everything a run does.

`load_recipe` reads it with line numbers, applies overrides (`--set tuning.learning_rate=2e-5`) and refuses what is
unknown or wrong, naming the file, the line, what was received and what is allowed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import yaml
from pydantic import Field, ValidationError
from pydantic.fields import FieldInfo

from vocation.component import OneOf, Settings, kinds
from vocation.corpus.refine import CorpusSettings
from vocation.errors import RecipeError, did_you_mean
from vocation.evaluation.settings import EvaluationSettings
from vocation.examination.settings import ExaminationSettings
from vocation.recipe_source import RecipeSource, Trail
from vocation.tasks import Task
from vocation.tuning.settings import TuningSettings


class Recipe(Settings):
    """Everything that a run does."""

    name: str = Field(
        min_length=1,
        max_length=80,
        pattern=r"^[^\s/\\:*?\"<>|.][^/\\:*?\"<>|]*$",
        description="Name of the run; its folder and its report are called by it.",
    )
    model: str = Field(
        min_length=1,
        description="The model to start from: `starter:minilm`, a folder (relative to the recipe), a hub id, or `run:` "
        "and the path of a run or of a recipe that was run.",
    )
    task: Annotated[Task, OneOf("vocation.tasks")] = Field(description="What the model learns to do.")
    corpus: CorpusSettings = Field(description="Which data goes in, and how it is cleaned and split.")
    examination: ExaminationSettings = Field(
        default=ExaminationSettings(), description="What is looked for in the corpus before training."
    )
    tuning: TuningSettings = Field(default=TuningSettings(), description="How the model learns its task.")
    evaluation: EvaluationSettings = Field(
        default=EvaluationSettings(), description="How the result is measured and reported."
    )

    def dump(self) -> str:
        """The recipe with every default written out, as YAML."""
        return yaml.safe_dump(self.model_dump(mode="json"), sort_keys=False, allow_unicode=True, width=120)


def load_recipe(path: str | Path, overrides: Sequence[str] = ()) -> Recipe:
    """Reads and validates a recipe.

    Args:
        path: the YAML file.
        overrides: settings that replace those in the file, as `tuning.learning_rate=2e-5`; the value is YAML, list
            items are counted from 0 (`corpus.sources.0.path=other.csv`).

    Raises:
        RecipeError: the file cannot be read, is not YAML, or holds an unknown or wrong setting.
    """
    source = RecipeSource.read(Path(path))
    for override in overrides:
        source.override(override)
    try:
        return Recipe.model_validate(source.data, context={"base": Path(path).parent})
    except ValidationError as error:
        problems = _without_echoes(error.errors(include_url=False))
        raise RecipeError("\n".join(_problem(source, problem) for problem in problems)) from None


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a recipe."""
    schema = Recipe.model_json_schema(mode="validation")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _without_echoes(errors: Sequence[Any]) -> list[Any]:
    """The errors without those that only follow from another.

    Pydantic says "the list is empty" of a list whose items are all wrong, as it counts the sound ones, and that a
    default was not made where the settings that it is made from are wrong.
    """
    places = [tuple(error["loc"]) for error in errors]
    return [
        error
        for error, place in zip(errors, places, strict=True)
        if error["type"] != "default_factory_not_called"
        and (error["type"] != "too_short" or not any(other[: len(place)] == place != other for other in places))
    ]


def _problem(source: RecipeSource, error: Any) -> str:
    trail = source.trail(_without_tag(error["loc"]))
    place = source.place(trail)
    name = ".".join(str(part) for part in trail) or "the recipe"
    received = repr(error["input"])[:80]
    context = error.get("ctx", {})
    match error["type"]:
        case "extra_forbidden":
            allowed = [field for field in _fields(error["loc"][:-1]) if field != "kind"]
            unknown, choices = str(error["loc"][-1]), ", ".join(allowed) or "no settings"
            return f"{place}: {name} is not a setting.{did_you_mean(unknown, allowed)}\n  allowed: {choices}"
        case "missing":
            return f"{place}: {name} is missing.\n  what to do: add it; `vocation schema` describes every setting"
        case "union_tag_invalid" | "literal_error" if "tag" in context or error["loc"][-1] == "kind":
            family = _family(error["loc"])
            allowed = sorted(kinds(family)) if family else [context.get("expected_tags", context.get("expected", ""))]
            tag, place = str(context.get("tag", error["input"])), source.place((*trail, "kind"))
            name = name if name.endswith("kind") else f"{name}.kind"
            return f"{place}: {name} {tag!r} is unknown.{did_you_mean(tag, allowed)}\n  allowed: {', '.join(allowed)}"
        case "union_tag_not_found":
            family = _family(error["loc"])
            allowed = sorted(kinds(family)) if family else []
            return f"{place}: {name}.kind is missing.\n  received: {received}\n  allowed: {', '.join(allowed)}"
        case "value_error":
            return f"{place}: {name}: {context['error']}\n  received: {received}"
        case "tuple_type":
            return f"{place}: {name} should be a list.\n  received: {received}\n  allowed: [first, second]"
        case "model_type" | "model_attributes_type":
            family = _family(error["loc"])
            allowed = sorted(kinds(family)) if family else _fields(error["loc"])
            what = "should be a kind, or settings with one" if family else "should hold settings"
            return f"{place}: {name} {what}.\n  received: {received}\n  allowed: {', '.join(allowed)}"
        case _:
            hint = did_you_mean(str(error["input"]), _literals(context)) if "expected" in context else ""
            return f"{place}: {name}: {error['msg']}.{hint}\n  received: {received}"


def _without_tag(trail: Trail) -> Trail:
    """A place without the kind at its end that pydantic adds for the component as a whole."""
    _, family = _descend(trail[:-1])
    return trail[:-1] if family is not None and trail and trail[-1] in kinds(family) else trail


def _literals(context: dict[str, Any]) -> list[str]:
    return [part.strip(" '") for part in str(context["expected"]).replace(" or ", ",").split(",")]


def _fields(trail: Trail) -> list[str]:
    """The settings of the class that stands at a place of the tree, given pydantic's location of it."""
    owner, _ = _descend(trail)
    return list(owner.model_fields) if owner else []


def _family(trail: Trail) -> str | None:
    """The package of the components that may stand at a place of the tree."""
    steps = trail[:-1] if trail and trail[-1] == "kind" else trail
    _, family = _descend(steps)
    if family is None and len(steps) > 1:
        _, family = _descend(steps[:-1])
    return family


def _descend(trail: Trail) -> tuple[type[Settings] | None, str | None]:
    """The settings class at a place, and the family of components that the place takes, where there is one."""
    owner: type[Settings] | None = Recipe
    family: str | None = None
    for part in trail:
        if isinstance(part, int):
            continue
        if family is not None and part in kinds(family):
            owner, family = kinds(family)[part], None
        elif owner is not None and part in owner.model_fields:
            owner, family = _target(owner.model_fields[part])
        else:
            return None, None
    if family is not None and len(kinds(family)) == 1:
        owner = next(iter(kinds(family).values()))
    return owner, family


def _target(field: FieldInfo) -> tuple[type[Settings] | None, str | None]:
    candidates = [(field.annotation, field.metadata)]
    while candidates:
        annotation, metadata = candidates.pop()
        one_of = next((item for item in metadata if isinstance(item, OneOf)), None)
        if one_of:
            return None, one_of.package
        if isinstance(annotation, type) and issubclass(annotation, Settings):
            return annotation, None
        if get_origin(annotation) is Annotated:
            inner, *extra = get_args(annotation)
            candidates.append((inner, extra))
        else:
            candidates += [(part, []) for part in get_args(annotation)]
    return None, None
