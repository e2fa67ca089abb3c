"""The body of a model: everything but the head, and its shapes without its weights."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vocation.errors import ModelError
from vocation.modeling.body import body_parameters, body_shapes
from vocation.modeling.pretrained import load_model, load_saved
from vocation.tasks.classification import Classification
from vocation.tasks.entities import Entities

TASKS = {"classification": Classification(), "entities": Entities()}


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("folder_name", ["bert_folder", "roberta_folder", "llama_folder"])
def test_the_head_is_left_out(folder_name: str, task: str, request: pytest.FixtureRequest) -> None:
    folder: Path = request.getfixturevalue(folder_name)
    model = load_model(TASKS[task].model_class(), folder, ["a", "b", "c"], seed=1)
    body = body_parameters(model)
    head = {name for name, _ in model.named_parameters()} - set(body)
    assert 1 <= len(head) <= 4
    assert not {name for name in head if name.startswith(f"{model.base_model_prefix}.")}
    shapes = body_shapes(folder)
    assert {name: tuple(weight.shape) for name, weight in body.items()}.items() <= shapes.items()
    assert all("pooler" in name for name in set(shapes) - set(body)), "only what this task's model lacks"


def test_a_configuration_that_nobody_knows_is_told(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "unheard-of"}', encoding="utf-8")
    with pytest.raises(ModelError, match="is no model that transformers knows"):
        body_shapes(tmp_path)
    with pytest.raises(ModelError, match="is no model that transformers knows"):
        load_saved(tmp_path)


def test_a_saved_model_is_loaded_as_what_it_was_saved(bert_folder: Path, tmp_path: Path) -> None:
    model = load_model(Entities().model_class(), bert_folder, ["a", "b", "c"], seed=1)
    model.save_pretrained(tmp_path)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (tmp_path / name).write_bytes((bert_folder / name).read_bytes())
    again = load_saved(tmp_path)
    assert type(again) is type(model)
    assert all((one == two).all() for one, two in zip(model.parameters(), again.parameters(), strict=True))
    path = tmp_path / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**config, "architectures": ["BertForNothing"]}), encoding="utf-8")
    with pytest.raises(ModelError, match="names the class BertForNothing, which transformers does not have"):
        load_saved(tmp_path)
