"""The engine for causal models changes how fast they learn, not what, and leaves no trace."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch

from tests.training.causal_models import adapted, batch, gradients, largest_error, tiny
from vocation.training import causal_engine
from vocation.training.causal import causal_objective, reads_packed
from vocation.training.causal_engine import install
from vocation.training.compiled import causal_layers, causal_llama
from vocation.training.compiled.causal_rotary import rotate

FULLY: list[tuple[str, dict[str, Any]]] = [
    ("llama", {}),
    ("llama", {"attention_bias": True, "mlp_bias": True, "tie_word_embeddings": False}),
    ("mistral", {"sliding_window": None}),
    ("qwen2", {}),
]
PACKED_ALONE: list[tuple[str, dict[str, Any]]] = [
    ("qwen3", {}),
    ("mistral", {"sliding_window": 5}),
    ("gpt2", {"n_embd": 24, "n_head": 4, "n_layer": 2, "resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0}),
]


def compare(plain: Any, fast: Any, tensors: dict[str, torch.Tensor], tolerance: float) -> None:
    """Loss, logits and gradients of both."""
    expected = causal_objective(plain)(plain, tensors)
    outcome = causal_objective(fast)(fast, tensors)
    torch.testing.assert_close(outcome.loss, expected.loss, rtol=tolerance, atol=tolerance)
    torch.testing.assert_close(outcome.logits, expected.logits, rtol=0, atol=10 * tolerance)
    expected.loss.backward()
    outcome.loss.backward()
    assert largest_error(gradients(fast), gradients(plain)) < tolerance


@pytest.mark.parametrize("low_rank", [False, True])
@pytest.mark.parametrize(("model_type", "changes"), FULLY)
def test_layers_made_for_them_give_what_transformers_gives(
    model_type: str, changes: dict[str, Any], low_rank: bool
) -> None:
    plain = tiny(model_type=model_type, **changes)
    plain = adapted(plain) if low_rank else plain
    fast = copy.deepcopy(plain)
    installed = install(fast)
    assert len(installed.layers) == 2
    for lengths in ([17], [23, 9, 14, 8], [240, 30, 9, 8, 7, 10]):
        compare(plain, fast, batch(lengths), 1e-5)
        compare(plain, fast, batch(lengths, alike=0, left=True), 1e-5)


@pytest.mark.parametrize(("model_type", "changes"), PACKED_ALONE)
def test_other_models_read_packed_examples_with_their_own_layers(model_type: str, changes: dict[str, Any]) -> None:
    plain = tiny(model_type=model_type, **changes)
    fast = copy.deepcopy(plain)
    installed = install(fast)
    assert installed.layers == ()
    assert reads_packed(fast)
    compare(plain, fast, batch([23, 9, 14, 8]), 1e-5)


def test_layers_computed_twice_to_save_memory_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = adapted(tiny(), dropout=0.3)
    fast = copy.deepcopy(plain)
    once = copy.deepcopy(plain)
    install(fast)
    install(once)
    fast.activation_checkpointing_enable({"use_reentrant": False})
    calls: list[int] = []
    compute = causal_llama._compute

    def counted(*given: Any) -> Any:
        calls.append(1)
        return compute(*given)

    monkeypatch.setattr(causal_llama, "_compute", counted)
    tensors = batch([23, 9, 14, 8])
    for model in (fast, once):
        torch.manual_seed(1)
        causal_objective(model)(model, tensors).loss.backward()
    assert len(calls) == 4 + 2  # Two layers, twice and once.
    assert largest_error(gradients(fast), gradients(once)) < 1e-6


def test_of_q_and_v_alone_the_rest_stays_frozen() -> None:
    plain = adapted(tiny(), targets=["q_proj", "v_proj"])
    fast = copy.deepcopy(plain)
    install(fast)
    compare(plain, fast, batch([23, 9, 14, 8]), 1e-5)


def test_what_trains_may_change_after_it_was_installed() -> None:
    plain = tiny()
    fast = copy.deepcopy(plain)
    install(fast)
    for model in (plain, fast):
        for parameter in model.model.layers[0].parameters():
            parameter.requires_grad_(False)
        model.model.embed_tokens.weight.requires_grad_(False)
    compare(plain, fast, batch([23, 9, 14, 8]), 1e-5)


def test_a_wrong_gradient_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = tiny()
    fast = copy.deepcopy(plain)
    install(fast)
    monkeypatch.setattr(causal_layers, "rotate", lambda *given, back=False: None if back else rotate(*given))
    with pytest.raises(AssertionError):
        compare(plain, fast, batch([23, 9, 14, 8]), 1e-5)


def test_it_leaves_no_trace() -> None:
    model = adapted(tiny())
    before = copy.deepcopy(model)
    installed = install(model)
    assert installed.attention == "sdpa"
    assert reads_packed(model)
    assert model.training
    installed.remove()
    assert model.config._attn_implementation == "sdpa"
    assert not reads_packed(model)
    assert not any("forward" in vars(module) for module in model.modules())
    for (name, one), (other_name, other) in zip(model.state_dict().items(), before.state_dict().items(), strict=True):
        assert name == other_name
        assert torch.equal(one, other)


def test_generation_and_padded_batches_go_the_model_s_own_way() -> None:
    plain = tiny().eval()
    fast = copy.deepcopy(plain)
    install(fast)
    tensors = batch([12, 9])
    inputs = {"input_ids": tensors["input_ids"], "attention_mask": tensors["attention_mask"]}
    torch.testing.assert_close(fast(**inputs).logits, plain(**inputs).logits, rtol=0, atol=1e-6)
    wanted = plain.generate(input_ids=tensors["input_ids"][:1], max_new_tokens=6, do_sample=False)
    assert torch.equal(fast.generate(input_ids=tensors["input_ids"][:1], max_new_tokens=6, do_sample=False), wanted)


def test_a_model_that_computes_something_else_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    eager = tiny()
    eager.set_attn_implementation("eager")
    assert install(eager) == causal_engine.Installed(eager, None, ())
    model = tiny()
    norms = [layer.input_layernorm for layer in model.model.layers]
    for norm in norms:  # Looks like another norm, and is not.
        norm.__class__ = type("Shifted", (type(norm),), {"forward": lambda self, values: 1 + self.weight * values})
    installed = install(model)
    assert installed.layers == ()
    assert installed.attention == "sdpa"
    monkeypatch.setattr(causal_engine, "_alike", lambda *_: False)
    other = tiny()
    assert install(other) == causal_engine.Installed(other, None, ())
    assert other.config._attn_implementation == "sdpa"


@pytest.mark.parametrize("precision", ["highest", "medium"])
def test_coarser_products_do_not_keep_it_out(precision: str) -> None:
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision(precision)
    try:
        assert len(install(tiny()).layers) == 2
        assert torch.get_float32_matmul_precision() == precision
    finally:
        torch.set_float32_matmul_precision(before)


def test_dropout_of_low_rank_updates_is_drawn_anew_each_time_and_by_the_seed() -> None:
    fast = adapted(tiny(), dropout=0.4)
    install(fast)
    objective, tensors = causal_objective(fast), batch([23, 9, 14, 8])

    def loss(seed: int) -> torch.Tensor:
        torch.manual_seed(seed)
        return objective(fast, tensors).loss

    assert torch.equal(loss(1), loss(1))
    assert not torch.equal(loss(1), loss(2))
    one, other = loss(3), loss(3)
    one.backward()
    first = gradients(fast)
    other.backward()
    assert largest_error(gradients(fast), first) == 0.0


def test_dropout_of_low_rank_updates_has_the_mean_that_it_should() -> None:
    """Over many draws, the mean gradient of a linear layer's update is near that of transformers' over as many."""
    plain = adapted(tiny(num_hidden_layers=1), dropout=0.2)
    fast = copy.deepcopy(plain)
    install(fast)
    tensors = batch([9, 8])
    means = []
    for model in (plain, fast):
        torch.manual_seed(1)
        losses = torch.stack([causal_objective(model)(model, tensors).loss.detach() for _ in range(300)])
        means.append((float(losses.mean()), float(losses.std()) / 300**0.5))
    (one, error), (other, other_error) = means
    assert abs(one - other) < 4 * (error**2 + other_error**2) ** 0.5


def test_autocast_goes_the_layers_own_way() -> None:
    plain = tiny()
    fast = copy.deepcopy(plain)
    install(fast)
    tensors = batch([23, 9, 14, 8])
    with torch.autocast("cpu", dtype=torch.bfloat16):
        expected = causal_objective(plain)(plain, tensors).loss
        torch.testing.assert_close(causal_objective(fast)(fast, tensors).loss, expected, rtol=0.02, atol=0)
