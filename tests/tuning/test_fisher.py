"""The Fisher information of a finished model, as an artifact."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from tests.strategies.earlier import earlier_run
from vocation.modeling.body import body_parameters
from vocation.modeling.pretrained import load_saved
from vocation.prediction.predictor import padding_of
from vocation.progress import SILENT
from vocation.records import Record
from vocation.tasks import Task
from vocation.tasks.classification import Classification
from vocation.tasks.entities import Entities
from vocation.training.batches import pad
from vocation.tuning import fisher

Records = Callable[[int, int], list[Record]]


@pytest.mark.parametrize("task", [Classification(), Entities()], ids=lambda task: task.kind)
def test_the_files_hold_squares_of_gradients_of_single_examples_of_the_body(
    task: Task, bert_folder: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    records: Records = request.getfixturevalue("mentions" if task.record_schema.spans else "intents")
    taught = earlier_run(tmp_path, bert_folder, task, records(9, 2))
    settings = {"rows": 50, "labels": "gold"}
    summary = fisher.build(settings, tmp_path / "model", tmp_path / "corpus", tmp_path, SILENT)
    found, anchors = (load_file(tmp_path / name) for name in ("fisher.safetensors", "anchors.safetensors"))
    model = load_saved(tmp_path / "model").eval()
    body = body_parameters(model)
    assert set(found) == set(anchors) == set(body)
    assert len(body) == len(list(model.parameters())) - 2
    assert all(torch.equal(anchors[name], value.detach()) for name, value in body.items())
    name = "bert.encoder.layer.1.output.dense.weight"
    total = torch.zeros_like(found[name])
    for example in taught.data.training.examples:
        model.zero_grad()
        logits, classes = task.scores(model, pad([example], padding_of(taught.data.tokenizer)).tensors)
        logits.log_softmax(-1).gather(1, classes.unsqueeze(1)).sum().backward()
        gradient = body[name].grad
        assert gradient is not None
        total += gradient**2
    torch.testing.assert_close(found[name], total / 9, atol=1e-7, rtol=1e-4)
    assert (summary["rows"], summary["examples"], summary["labels"]) == (9, 9, "gold")
    assert summary["parameters"] == sum(value.numel() for value in body.values())
    assert summary["mean"] > 0


def test_so_many_rows_are_drawn_and_equal_settings_give_equal_bits(
    bert_folder: Path, intents: Records, tmp_path: Path
) -> None:
    earlier_run(tmp_path, bert_folder, Classification(), intents(20, 2))
    bits: list[bytes] = []
    for rows in (5, 5, 6):
        (place := tmp_path / str(len(bits))).mkdir()
        settings = {"rows": rows, "labels": "sampled"}
        summary = fisher.build(settings, tmp_path / "model", tmp_path / "corpus", place, SILENT)
        assert summary["rows"] == rows
        bits.append((place / "fisher.safetensors").read_bytes())
    assert bits[0] == bits[1] != bits[2]


def test_its_key_depends_on_the_model_the_rows_and_the_settings() -> None:
    plans = [
        fisher.plan({"rows": rows, "labels": "gold"}, tuning, corpus)
        for rows, tuning, corpus in ((5, "a", "b"), (6, "a", "b"), (5, "c", "b"), (5, "a", "c"))
    ]
    assert len({plan.key for plan in plans}) == 4
    assert plans[0].folder_name.startswith("fisher-")
