"""Components: small frozen settings classes with their behaviour beside them.

A family is a package whose modules each define one component; the module's name is the `kind` that a recipe gives.
Adding a kind is adding a file: nothing else lists it. A module that cannot be imported, or does not define exactly
one component, fails loudly when its family is first used.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from functools import cache, reduce
from operator import or_
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema


class Settings(BaseModel):
    """Frozen settings which refuse unknown fields. Tensors and state never live here."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Component(Settings):
    """Settings of one kind of something, with what it does as methods.

    A class that founds a family (`class CleaningStep(Component, family=True)`) has no kind; every class below it is
    of the kind that its module is named for.
    """

    if TYPE_CHECKING:
        kind: ClassVar[str]

    def __init_subclass__(cls, *, family: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not family:
            name = cls.__module__.rpartition(".")[2]
            cls.__annotations__ = {"kind": Literal[name], **cls.__dict__.get("__annotations__", {})}
            cls.kind = Field(default=name, description="Which component this is.")

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Takes the `family` keyword of `__init_subclass__`, which pydantic passes here as well."""


@cache
def kinds(package: str) -> dict[str, type[Component]]:
    """Every component of a family: its kind and its class, ordered by kind.

    Args:
        package: dotted name of the package that holds the family, one module a component.

    Raises:
        TypeError: a module does not define exactly one component.
    """
    folder = importlib.import_module(package)
    found = {}
    for module_info in sorted(pkgutil.iter_modules(folder.__path__), key=lambda info: info.name):
        if not module_info.ispkg:
            found[module_info.name] = _only_component(importlib.import_module(f"{package}.{module_info.name}"))
    return found


def _only_component(module: ModuleType) -> type[Component]:
    classes = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Component) and value.__module__ == module.__name__
    ]
    if len(classes) != 1:
        raise TypeError(f"{module.__name__} must define exactly one component, and defines {len(classes)}: {classes}")
    return classes[0]


@dataclass(frozen=True)
class OneOf:
    """Annotation of a settings field that holds one component of a family.

    `task: Annotated[Task, OneOf("vocation.tasks")]` accepts a mapping with a `kind`, or the kind's name alone.

    Args:
        package: dotted name of the family's package.
        default: the kind of a mapping that names none; without one it must name its kind.
    """

    package: str
    default: str | None = None

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        classes = kinds(self.package)
        choice = reduce(or_, classes.values())
        schema = handler.generate_schema(Annotated[choice, Field(discriminator="kind")] if len(classes) > 1 else choice)
        named = core_schema.literal_schema(sorted(classes))
        # A mapping that names no kind may fit several, which a discriminated union's `oneOf` would forbid.
        written = [schema] if self.default is None else [handler.generate_schema(kind) for kind in classes.values()]
        return core_schema.no_info_before_validator_function(
            self._expand, schema, json_schema_input_schema=core_schema.union_schema([*written, named])
        )

    def _expand(self, value: Any) -> Any:
        if isinstance(value, str):
            return {"kind": value}
        if self.default is not None and isinstance(value, dict) and "kind" not in value:
            return {**value, "kind": self.default}
        return value
