"""(IA)³ against its formula."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.strategies.few_weights import exact, gradients, inputs, loss_of, plain, stir, trained
from tests.strategies.training import trial
from vocation.errors import TrainingError
from vocation.records import Record
from vocation.strategies.ia3 import Ia3
from vocation.tasks.classification import Classification

Records = Callable[[int, int], list[Record]]
TASK = Classification(max_length=64)
HEAD = ("classifier.weight", "classifier.bias")


def test_it_is_the_formula_gradient_included(bert_folder: Path, intents: Records) -> None:
    """l ⊙ (W x + b) for keys and values, W (l ⊙ x) + b at the end of the feed-forward network."""
    taught = exact(bert_folder, TASK, intents(16, 1), Ia3())
    model: Any = taught.lesson.model.eval()
    stir(model)
    logits = model(**inputs(taught)).logits
    loss_of(logits).backward()
    twin, leaves = plain(taught), {}
    values: dict[str, torch.Tensor] = {}
    for name in trained(model) - set(HEAD):
        scale = leaves[name] = model.get_parameter(name).detach().clone().requires_grad_()
        stem = name.removesuffix(".ia3_l.default")
        weight = twin.get_parameter(f"{stem}.weight").detach()
        if stem.endswith(("key", "value")):
            bias = twin.get_parameter(f"{stem}.bias").detach()
            values |= {f"{stem}.weight": scale.view(-1, 1) * weight, f"{stem}.bias": scale.flatten() * bias}
        else:
            values[f"{stem}.weight"] = weight * scale.view(1, -1)
    assert len(leaves) == 2 * 3
    leaves |= {name: model.get_parameter(name).detach().clone().requires_grad_() for name in HEAD}
    result: Any = torch.func.functional_call(
        twin, values | {name: leaves[name] for name in HEAD}, kwargs=inputs(taught)
    )
    torch.testing.assert_close(logits, result.logits, rtol=0, atol=1e-10)
    loss_of(result.logits).backward()
    found = gradients(model)
    assert set(found) == set(leaves)
    for name, gradient in found.items():
        torch.testing.assert_close(gradient, leaves[name].grad, rtol=1e-8, atol=1e-8)
    unscaled: Any = twin(**inputs(taught))
    assert (unscaled.logits - logits).abs().max() > 1e-2


def test_other_maps_can_be_named(bert_folder: Path, intents: Records) -> None:
    taught = trial(bert_folder, TASK, intents(16, 1), [Ia3(targets=("query",), feed_forward=())])
    scaled = {name.rpartition(".ia3_l")[0].rpartition(".")[2] for name in trained(taught.lesson.model) - set(HEAD)}
    assert scaled == {"query"}


def test_maps_that_are_not_there_are_refused(bert_folder: Path, intents: Records) -> None:
    with pytest.raises(TrainingError, match=r"ia3\.targets names 'ky'.*Did you mean 'key'"):
        trial(bert_folder, TASK, intents(16, 1), [Ia3(targets=("ky",))])


def test_a_model_whose_keys_are_not_maps_of_their_own_is_refused() -> None:
    from transformers import GPT2Config, GPT2ForSequenceClassification

    from vocation.modeling.low_rank import add_scales, merge

    model = GPT2ForSequenceClassification(GPT2Config(n_embd=32, n_layer=2, n_head=2, vocab_size=50))
    with pytest.raises(TrainingError, match=r"maps to the keys and values.*gpt2.*\n.*ia3\.targets.*c_attn"):
        add_scales(model, None, None, "ia3")
    add_scales(model, ("c_attn",), None, "ia3")
    merge(model)
