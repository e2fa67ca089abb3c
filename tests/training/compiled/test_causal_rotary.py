"""The compiled rotation: transformers' own, and undone by turning back."""

from __future__ import annotations

import pytest
import torch
from transformers.models.llama.modeling_llama import apply_rotary_pos_emb

from vocation.training.compiled.causal_rotary import rotate


def inputs(dtype: torch.dtype) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    torch.manual_seed(4)
    angles = 3 * torch.randn(21, 4, dtype=dtype).repeat(1, 2)
    return torch.randn(21, 5 * 8, dtype=dtype), angles.cos(), angles.sin()


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-6), (torch.float64, 1e-14)])
def test_the_first_heads_turn_as_in_transformers_and_the_others_stay(dtype: torch.dtype, tolerance: float) -> None:
    values, cosine, sine = inputs(dtype)
    before = values.clone()
    rotate(values, cosine, sine, 3)
    heads = before.view(1, 21, 5, 8).transpose(1, 2)
    expected, _ = apply_rotary_pos_emb(heads[:, :3], heads[:, :3], cosine[None], sine[None])
    turned = values.view(1, 21, 5, 8).transpose(1, 2)
    torch.testing.assert_close(turned[:, :3], expected, rtol=0, atol=tolerance)
    assert torch.equal(turned[:, 3:], heads[:, 3:])
    assert float((turned - heads).abs().max()) > 0.5


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_turning_back_undoes_it_which_makes_it_the_gradient(dtype: torch.dtype) -> None:
    values, cosine, sine = inputs(dtype)
    before = values.clone()
    rotate(values, cosine, sine, 5)
    rotate(values, cosine, sine, 5, back=True)
    torch.testing.assert_close(values, before, rtol=0, atol=1e-6)
