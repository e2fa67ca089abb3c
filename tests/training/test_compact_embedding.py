"""A table of used rows learns what the whole table learns."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from vocation.training.compact_embedding import CompactEmbedding, OtherRows
from vocation.training.optimisers import adamw

USED = np.array([3, 5, 7, 11, 19])
BATCHES = [torch.tensor([[3, 5, 0], [7, 7, 11]]), torch.tensor([[19, 3, 3], [5, 0, 0]]), torch.tensor([[11, 7, 5]])]


class Reader(torch.nn.Module):
    """An embedding and a layer above it."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.embedding: torch.nn.Module = torch.nn.Embedding(40, 8, padding_idx=0)
        self.top = torch.nn.Linear(8, 3)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = self.top(self.embedding(ids).tanh().mean(1))
        return result


def rate(number: int) -> float:
    return 0.05 / number


def learn(model: Reader, compact: CompactEmbedding | None, weight_decay: float) -> None:
    """Three updates of AdamW on ids of which one has no place in any other batch."""
    optimiser = adamw(model, weight_decay)
    companion = None if compact is None else OtherRows(compact, rate, weight_decay)
    for number, ids in enumerate(BATCHES, start=1):
        model(ids).square().sum().backward()
        for group in optimiser.param_groups:
            group["lr"] = rate(number)
        optimiser.step()
        optimiser.zero_grad()
        if companion:
            companion.after_update(number, 1)


@pytest.mark.parametrize("weight_decay", [0.0, 0.3])
def test_it_learns_what_the_whole_table_learns(weight_decay: float) -> None:
    whole, model = Reader(), Reader()
    assert isinstance(model.embedding, torch.nn.Embedding)
    before = model.embedding.weight.detach().clone()
    compact = model.embedding = CompactEmbedding(model.embedding, USED)
    learn(whole, None, weight_decay)
    learn(model, compact, weight_decay)
    assert isinstance(whole.embedding, torch.nn.Embedding)
    restored = compact.whole()
    torch.testing.assert_close(restored.weight, whole.embedding.weight, rtol=0, atol=1e-6)
    changed = (restored.weight - before).abs().amax(1) > 1e-4
    expected = set(USED.tolist()) if weight_decay == 0 else set(range(40)) - {0}
    assert set(changed.nonzero().flatten().tolist()) == expected
    assert (restored.num_embeddings, restored.padding_idx) == (40, 0)
    assert sum(value.numel() for value in compact.parameters()) == 6 * 8


def test_ids_that_training_never_read_are_found_as_well() -> None:
    model = Reader()
    assert isinstance(model.embedding, torch.nn.Embedding)
    compact = model.embedding = CompactEmbedding(model.embedding, USED)
    learn(model, compact, weight_decay=0.5)
    ids = torch.arange(40).view(4, 10)
    torch.testing.assert_close(compact(ids), compact.whole()(ids), rtol=0, atol=0)
    assert float((compact(ids) - Reader().embedding(ids)).detach().abs().max()) > 1e-3


def test_padding_gets_no_gradient() -> None:
    embedding = CompactEmbedding(torch.nn.Embedding(40, 8, padding_idx=0), USED)
    embedding(torch.tensor([0, 3])).sum().backward()
    assert embedding.weight.grad is not None
    assert embedding.weight.grad.abs().sum(1).tolist() == [0, 8, 0, 0, 0, 0]
