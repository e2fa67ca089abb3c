"""Components: a kind is a file, settings are frozen, and a broken family fails loudly."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import TypeAdapter, ValidationError

from vocation.component import Component, OneOf, Settings, kinds
from vocation.tasks import Task
from vocation.tasks.classification import Classification
from vocation.tasks.entities import Entities

FAMILIES = {
    "vocation.cleaning": 24,
    "vocation.corpus.formats": 19,
    "vocation.corpus.splits": 3,
    "vocation.deidentification.detectors": 32,
    "vocation.deidentification.methods": 6,
    "vocation.evaluation.baselines": 2,
    "vocation.metrics": 3,
    "vocation.strategies": 31,
    "vocation.tasks": 2,
}
Family = Callable[..., str]

FOUNDER = "from vocation.component import Component\n\nclass Animal(Component, family=True):\n    pass\n"
CAT = "from {package} import Animal\n\nclass Cat(Animal):\n    lives: int = 9\n"


class Holder(Settings):
    """Holds one component."""

    task: Annotated[Task, OneOf("vocation.tasks")]


@pytest.fixture
def family(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Family]:
    """Writes a package of modules that can be imported, and gives its name."""
    names: list[str] = []

    def make(**modules: str) -> str:
        package = f"family_{tmp_path.name}".replace("-", "_")
        (tmp_path / package).mkdir()
        for name, content in {"__init__": FOUNDER, **modules}.items():
            (tmp_path / package / f"{name}.py").write_text(content.format(package=package), encoding="utf-8")
        monkeypatch.syspath_prepend(tmp_path)
        names.append(package)
        return package

    yield make
    for name in [name for name in sys.modules if name.partition(".")[0] in names]:
        del sys.modules[name]


@pytest.mark.parametrize(("package", "count"), FAMILIES.items())
def test_every_family_is_complete_and_every_setting_described(package: str, count: int) -> None:
    found = kinds(package)
    assert len(found) == count
    assert list(found) == sorted(found)
    for kind, component in found.items():
        assert component.__module__ == f"{package}.{kind}"
        assert component.model_fields["kind"].default == kind
        assert component.__doc__
        assert component.model_config["frozen"]
        assert component.model_config["extra"] == "forbid"
        assert all(field.description for field in component.model_fields.values())
        family_fields = next(base for base in component.__mro__[1:] if issubclass(base, Component)).model_fields
        own = component.model_fields.keys() - family_fields.keys()
        assert len(own) <= 12


def test_the_families_above_are_all_there_are() -> None:
    import vocation

    source = Path(vocation.__file__).parent
    founders = {
        f"vocation.{'.'.join(path.parent.relative_to(source).parts)}"
        for path in source.rglob("__init__.py")
        if "family=True" in path.read_text(encoding="utf-8")
    }
    assert founders == set(FAMILIES)


def test_a_new_kind_is_one_new_file(family: Family) -> None:
    package = family(cat=CAT, dog="from {package} import Animal\n\nclass Hound(Animal):\n    pass\n")
    found = kinds(package)
    assert sorted(found) == ["cat", "dog"]
    assert found["cat"]().model_dump() == {"kind": "cat", "lives": 9}
    assert found["dog"]().model_dump() == {"kind": "dog"}


@pytest.mark.parametrize(
    ("content", "count"),
    [
        ("x = 1\n", 0),
        ("from vocation.tasks.entities import Entities\n", 0),
        (CAT + "\nclass Tiger(Cat):\n    pass\n", 2),
    ],
    ids=["none", "only an imported one", "two"],
)
def test_a_module_without_exactly_one_component_fails_loudly(family: Family, content: str, count: int) -> None:
    package = family(cat=CAT, odd=content)
    with pytest.raises(TypeError, match=rf"{package}\.odd must define exactly one component, and defines {count}"):
        kinds(package)


def test_a_module_that_cannot_be_imported_fails_loudly(family: Family) -> None:
    with pytest.raises(ModuleNotFoundError, match="no_such_package"):
        kinds(family(cat=CAT, odd="import no_such_package\n"))


def test_the_family_class_itself_is_no_kind() -> None:
    assert "kind" not in Task.model_fields
    assert issubclass(Task, Component)


def test_settings_are_frozen() -> None:
    task, name = Classification(), "max_length"
    with pytest.raises(ValidationError, match="frozen"):
        setattr(task, name, 9)
    assert task == Classification()
    assert hash(task) == hash(Classification())


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"max_lenght": 9}, "Extra inputs are not permitted"),
        ({"max_length": "long"}, "valid integer"),
        ({"max_length": 7}, "greater than or equal to 8"),
        ({"kind": "entities"}, "Input should be 'classification'"),
    ],
)
def test_unknown_and_wrong_settings_are_refused(value: Any, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Classification.model_validate(value)


def test_no_setting_is_infinite() -> None:
    class Rate(Settings):
        rate: float

    with pytest.raises(ValidationError, match="finite"):
        Rate(rate=float("inf"))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("entities", Entities()),
        ({"kind": "classification", "max_length": 64}, Classification(max_length=64)),
        (Entities(stride=9), Entities(stride=9)),
    ],
)
def test_a_field_takes_a_name_a_mapping_or_a_component(value: Any, expected: Task) -> None:
    assert Holder(task=value).task == expected
    assert Holder.model_validate_json(Holder(task=value).model_dump_json()).task == expected


@pytest.mark.parametrize("value", ["entity", {"kind": "entity"}, {"max_length": 64}, 5, None])
def test_a_field_refuses_what_is_no_kind(value: Any) -> None:
    with pytest.raises(ValidationError):
        Holder(task=value)


def test_a_family_of_one_is_held_like_any_other(family: Family) -> None:
    package = family(cat=CAT)
    cat = kinds(package)["cat"]
    field: Any = Annotated[cat, OneOf(package)]
    holder: TypeAdapter[Any] = TypeAdapter(field)
    assert holder.validate_python("cat") == holder.validate_python({"kind": "cat", "lives": 9}) == cat()
    with pytest.raises(ValidationError):
        holder.validate_python("dog")


def test_the_schema_offers_the_names_alone_and_each_kind() -> None:
    schema = Holder.model_json_schema()
    assert {"enum": ["classification", "entities"], "type": "string"} in schema["properties"]["task"]["anyOf"]
    assert {"Classification", "Entities"} <= set(schema["$defs"])
