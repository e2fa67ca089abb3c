"""Examples of a padded batch one behind the other in one row, without padding, each seeing itself alone.

What all examples begin with, such as a system prompt, stands once, in front, and is seen by all: what comes later does
not change it in a model that reads from left to right, so it need not be computed for each. What stands behind an
example's last target is left out, as no target depends on it. Nothing of this changes a loss or a gradient.
Shapes: B examples, T tokens of the longest, N tokens of the row, M targets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch

_IGNORED = -100
_READ = {"input_ids", "attention_mask", "targets"}


@dataclass(frozen=True, slots=True, eq=False)
class Packed:
    """A row of examples.

    Args:
        ids: tokens, [1, N].
        positions: place of each token in its example, from 0, [1, N].
        shared: how many tokens in front belong to every example.
        lengths: tokens of each example behind those.
        rows: places in the row whose next token is a target, [M], rising.
        classes: these targets, [M].
    """

    ids: torch.Tensor
    positions: torch.Tensor
    shared: int
    lengths: Sequence[int]
    rows: torch.Tensor
    classes: torch.Tensor

    def seen(self) -> torch.Tensor:
        """[N, N], true where a token (row) sees another (column)."""
        sizes = torch.tensor([self.shared, *self.lengths], device=self.ids.device)
        example = torch.repeat_interleave(torch.arange(len(sizes), device=self.ids.device), sizes)
        same = example.unsqueeze(1) == example.unsqueeze(0)
        return (same | (example == 0)).tril()


def fits(batch: Mapping[str, torch.Tensor]) -> bool:
    """Whether a batch has nothing but what can be packed."""
    return set(batch) == _READ and batch["targets"].shape == batch["input_ids"].shape


def pack(batch: Mapping[str, torch.Tensor]) -> Packed:
    """Packs a batch.

    Args:
        batch: `input_ids` [B, T], `attention_mask` [B, T], padded on either side, and `targets` [B, T]: at each place
            the token that follows, -100 where it is not learned.
    """
    batch = padded_behind(batch)
    ids, targets, lengths = batch["input_ids"], batch["targets"], batch["attention_mask"].sum(1)
    places = torch.arange(ids.shape[1], device=ids.device)
    learned = targets != _IGNORED
    ends = torch.where(learned, places + 1, 0).amax(1)  # [B], behind the last target
    if not learned.any():
        ends[0] = lengths[0].clamp(max=1)  # A model wants something to read.
    kept = ends > 0
    ids, targets, learned, ends = ids[kept], targets[kept], learned[kept], ends[kept]
    shared = _shared(ids, learned, ends)
    own = (places >= shared) & (places < ends.unsqueeze(1))  # [B, T]
    front = ids[0, :shared]
    positions = torch.cat((places[:shared], places.expand_as(ids)[own]))
    flat = targets[own]
    rows = (flat != _IGNORED).nonzero().squeeze(1)
    return Packed(
        ids=torch.cat((front, ids[own])).unsqueeze(0),
        positions=positions.unsqueeze(0),
        shared=shared,
        lengths=(ends - shared).tolist(),
        rows=rows + shared,
        classes=flat[rows],
    )


def padded_behind(batch: Mapping[str, torch.Tensor]) -> Mapping[str, torch.Tensor]:
    """The same batch with all padding behind the examples, where causal models need no mask and count from 0."""
    real = batch["attention_mask"].bool()
    order = torch.argsort(~real, dim=1, stable=True)
    moved = {name: tensor.gather(1, order) for name, tensor in batch.items()}
    return {**moved, "targets": moved["targets"].masked_fill(~moved["attention_mask"].bool(), _IGNORED)}


def _shared(ids: torch.Tensor, learned: torch.Tensor, ends: torch.Tensor) -> int:
    """How many tokens all examples begin with, those excluded whose output is learned from."""
    if len(ids) == 1:
        return 0
    alike = (ids == ids[0]).all(0) & ~learned.any(0)
    first_other = int(torch.cat((alike, alike.new_zeros(1))).long().argmin())
    return min(first_other, int(ends.min()) - 1)
