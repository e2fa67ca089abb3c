"""Linear maps outside autograd: those of the modules, and only the gradients that somebody needs."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from vocation.training.compiled import causal_linear as linear
from vocation.training.compiled.causal_linear import Map, Update


def adapted(dropout: float = 0.0, **settings: Any) -> Any:
    """A linear module of 5 inputs and 7 outputs with an update of rank 2, none of whose numbers is zero."""
    from peft import LoraConfig, inject_adapter_in_model

    torch.manual_seed(1)
    model = torch.nn.Sequential(torch.nn.Linear(5, 7)).double()
    config = LoraConfig(r=2, lora_alpha=6, lora_dropout=dropout, target_modules=["0"], **settings)
    result: Any = inject_adapter_in_model(config, model).double()
    for parameter in result.parameters():
        torch.nn.init.normal_(parameter)
    return result[0]


def plain() -> Any:
    torch.manual_seed(1)
    return torch.nn.Linear(5, 7).double()


@pytest.mark.parametrize("module", [plain(), adapted()], ids=["plain", "adapted"])
@pytest.mark.parametrize("whole", [True, False])
def test_values_and_gradients_are_those_of_the_module(module: Any, whole: bool) -> None:
    for name, parameter in module.named_parameters():
        parameter.requires_grad_(whole or "lora" in name)
    values = torch.randn(9, 5, dtype=torch.float64, requires_grad=True)
    above = torch.randn(9, 7, dtype=torch.float64)
    expected = module(values)
    expected.backward(above)
    tensors, update = linear.read(module) or pytest.fail("not recognised")
    with torch.no_grad():
        wide = torch.randn(9, 20, dtype=torch.float64)
        result = wide[:, 4:11]
        before = wide.clone()
        kept = linear.forward(tensors, update, values, result)
        torch.testing.assert_close(result, expected, rtol=0, atol=1e-12)
        assert torch.equal(wide[:, :4], before[:, :4])
        added = before[:, 4:11].clone()
        linear.forward(tensors, update, values, added, add=True)
        torch.testing.assert_close(added, expected + before[:, 4:11], rtol=0, atol=1e-12)
        inner = linear.inner_gradient(tensors, update, above)
        below, more = torch.empty(9, 5, dtype=torch.float64), torch.ones(9, 5, dtype=torch.float64)
        linear.backward(tensors, kept, above, inner, below)
        linear.backward(tensors, kept, above, inner, more, add=True)
        torch.testing.assert_close(below, values.grad, rtol=0, atol=1e-12)
        torch.testing.assert_close(more - 1, values.grad, rtol=0, atol=1e-12)
        found = linear.gradients(tensors, kept, above, inner, values)
    for tensor, gradient in zip(tensors, found, strict=True):
        assert (gradient is None) == (tensor is None or tensor.grad is None)
        if tensor is not None and gradient is not None:
            torch.testing.assert_close(gradient, tensor.grad, rtol=0, atol=1e-12)
    module.zero_grad()


def test_what_is_dropped_is_dropped_in_the_gradient_too() -> None:
    """Against autograd through the same mask, which both draw from torch's generator."""
    module = adapted(dropout=0.4).float().train()
    tensors, update = linear.read(module) or pytest.fail("not recognised")
    assert update == Update(3.0, 0.4)
    values, above = torch.randn(9, 5, requires_grad=True), torch.randn(9, 7)
    assert tensors.down is not None
    assert tensors.up is not None
    assert tensors.bias is not None
    with torch.no_grad():
        result, below = torch.empty(9, 7), torch.empty(9, 5)
        kept = linear.forward(tensors, update, values, result)
        inner = linear.inner_gradient(tensors, update, above)
        linear.backward(tensors, kept, above, inner, below)
        found = linear.gradients(tensors, kept, above, inner, values)
    mask = kept[1]
    assert mask is not None
    share = mask.apply(torch.ones(9, 5))
    assert share.unique().tolist() == pytest.approx([0.0, 1 / 0.6], rel=1e-4)
    expected = values @ tensors.weight.t() + tensors.bias
    expected = expected + 3.0 * (values * share) @ tensors.down.t() @ tensors.up.t()
    expected.backward(above)
    torch.testing.assert_close(result, expected.detach(), rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(below, values.grad, rtol=0, atol=1e-5)
    torch.testing.assert_close(found.down, tensors.down.grad, rtol=0, atol=1e-5)
    torch.testing.assert_close(found.up, tensors.up.grad, rtol=0, atol=1e-5)
    assert (linear.read(module.eval()) or pytest.fail("not recognised"))[1].dropout == 0.0


def test_what_is_more_than_a_plain_update_is_not_recognised() -> None:
    class Other(torch.nn.Linear):
        """Computes something else."""

    twice = adapted()
    twice.update_layer("second", 2, lora_alpha=1, config=_config())
    twice.set_adapter(["default", "second"])
    merged, switched_off = adapted(), adapted()
    merged.merge()
    switched_off.enable_adapters(enabled=False)
    for module in (Other(5, 7), torch.nn.Embedding(5, 7), twice, merged, switched_off, adapted(use_dora=True)):
        assert linear.read(module) is None
    assert linear.read(adapted(lora_bias=True)) is None


def _config() -> Any:
    from peft import LoraConfig

    return LoraConfig(r=2)


def test_inputs_are_wanted_where_a_matrix_that_reads_them_trains() -> None:
    frozen = torch.ones(2, 2)
    trained = torch.ones(2, 2, requires_grad=True)
    assert not linear.wants_values([Map(frozen, trained, None, None), Map(frozen, None, frozen, trained)])
    assert linear.wants_values([Map(frozen, None, None, None), Map(trained, None, None, None)])
    assert linear.wants_values([Map(frozen, None, trained, frozen)])
