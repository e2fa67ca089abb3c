"""Layers built as Llama's are recognised, computed in another way where examples are packed, and given back."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from tests.training.causal_models import adapted, batch, tiny
from vocation.training.causal import causal_objective
from vocation.training.causal_engine import install
from vocation.training.compiled.causal_llama import layers_of, release, replace

ALIKE: list[tuple[str, dict[str, Any]]] = [
    ("llama", {}),
    ("llama", {"attention_bias": True, "mlp_bias": True}),
    ("mistral", {"sliding_window": None}),
    ("qwen2", {}),
]
OTHERS: list[tuple[str, dict[str, Any]]] = [
    ("llama", {"attention_dropout": 0.1}),
    ("mistral", {"sliding_window": 4}),
    ("qwen3", {}),
    ("gemma2", {}),
    ("gpt2", {}),
]


@pytest.mark.parametrize(("model_type", "changes"), ALIKE)
def test_layers_built_alike_are_recognised(model_type: str, changes: dict[str, Any]) -> None:
    model = tiny(model_type=model_type, **changes)
    assert layers_of(model) == list(model.get_decoder().layers)
    assert len(layers_of(adapted(model))) == 2


@pytest.mark.parametrize(("model_type", "changes"), OTHERS)
def test_other_layers_are_not(model_type: str, changes: dict[str, Any]) -> None:
    assert layers_of(tiny(model_type=model_type, **changes)) == []


def test_a_layer_into_which_somebody_looks_is_left_alone() -> None:
    model = tiny()
    handle = model.model.layers[1].self_attn.k_proj.register_forward_hook(lambda *_: None)
    assert layers_of(model) == []
    handle.remove()
    assert len(layers_of(model)) == 2


def test_who_looks_into_a_replaced_layer_sees_what_goes_on() -> None:
    model, tensors = tiny(), batch([12, 9])
    installed = install(model)
    assert len(installed.layers) == 2
    seen: list[Any] = []
    expected = causal_objective(model)(model, tensors).loss
    model.model.layers[1].mlp.up_proj.register_forward_hook(lambda *given: seen.append(given))
    torch.testing.assert_close(causal_objective(model)(model, tensors).loss, expected, rtol=1e-5, atol=1e-5)
    assert seen


def test_what_is_not_packed_goes_the_layer_s_own_way() -> None:
    model = tiny()
    ids = torch.arange(3, 12).unsqueeze(0)
    expected = model(input_ids=ids).logits
    for layer in layers_of(model):
        replace(layer, last=False)
    assert torch.equal(model(input_ids=ids).logits, expected)
    for layer in model.model.layers:
        release(layer)
    assert not any("forward" in vars(module) for module in model.modules())
