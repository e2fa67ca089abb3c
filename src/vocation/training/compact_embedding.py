"""An embedding of which only the rows that the training examples use are trained, as a small table of their own.

Every other row gets no gradient in the whole training, so its moments stay zero and weight decay alone changes it: by
the product of (1 − learning rate × weight decay) over the updates, which is one number. So the optimiser has a few
thousand rows to go over in place of the whole vocabulary (30,522 in BERT, 250,037 in multilingual E5), and neither a
gradient nor moments of the others lie in memory. What comes out is what training the whole table gives, to rounding.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from vocation.training.companions import Companion


class CompactEmbedding(torch.nn.Module):
    """In place of a `torch.nn.Embedding`.

    Args:
        embedding: the whole table, [V, D].
        used: ids that training reads, [S]; that of padding is added.
    """

    places: torch.Tensor
    others: torch.Tensor
    decayed: torch.Tensor

    def __init__(self, embedding: torch.nn.Embedding, used: NDArray[np.int64]) -> None:
        super().__init__()
        self.num_embeddings, self.embedding_dim = embedding.num_embeddings, embedding.embedding_dim
        self.padding_idx = embedding.padding_idx
        padding = [] if self.padding_idx is None else [self.padding_idx]
        ids = torch.from_numpy(np.union1d(used, np.array(padding, dtype=np.int64)))
        places = torch.full((embedding.num_embeddings,), -1, dtype=torch.int64)
        places[ids] = torch.arange(len(ids))
        self._padding_place = None if self.padding_idx is None else int(places[self.padding_idx])
        self.weight = torch.nn.Parameter(embedding.weight.detach()[ids])  # [S, D]
        self.register_buffer("places", places, persistent=False)
        self.register_buffer("others", embedding.weight.detach(), persistent=False)  # [V, D]
        self.register_buffer("decayed", torch.ones((), dtype=torch.float64))

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Rows of the table, [..., D], given ids of any shape."""
        places = self.places[ids]
        unknown = places < 0
        if not unknown.any():
            return torch.nn.functional.embedding(places, self.weight, padding_idx=self._padding_place)
        known = torch.nn.functional.embedding(places.clamp(min=0), self.weight)
        other = self.others[ids] * self.decayed.to(self.others.dtype)
        return torch.where(unknown.unsqueeze(-1), other, known)

    @torch.no_grad()
    def whole(self) -> torch.nn.Embedding:
        """The whole table as an ordinary embedding, [V, D]."""
        weight = self.others * self.decayed.to(self.others.dtype)
        weight[self.places >= 0] = self.weight.detach()
        return torch.nn.Embedding(self.num_embeddings, self.embedding_dim, self.padding_idx, _weight=weight)


class OtherRows(Companion):
    """Lets weight decay act on the rows that do not train.

    Args:
        embedding: whose rows they are.
        learning_rate: of each update, by its 1-based number.
        weight_decay: of the table.
    """

    def __init__(self, embedding: CompactEmbedding, learning_rate: Callable[[int], float], weight_decay: float) -> None:
        self._embedding, self._learning_rate, self._weight_decay = embedding, learning_rate, weight_decay

    def after_update(self, number: int, epoch: int) -> None:
        if self._embedding.weight.requires_grad:  # A strategy may freeze the whole table for a while.
            self._embedding.decayed.mul_(1 - self._learning_rate(number) * self._weight_decay)
