"""Logits of many examples: by length, under a token budget, given back in the order they came."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vocation.tasks import Example
from vocation.training.batches import Padding, pad, within_budget

if TYPE_CHECKING:
    from transformers import PreTrainedModel

DEFAULT_TOKEN_BUDGET = 4096
"""Padded tokens of a batch without gradients: enough to fill the matrix units of a processor, small in memory."""


def example_logits(
    model: PreTrainedModel,
    examples: Sequence[Example],
    padding: Padding,
    token_budget: int = DEFAULT_TOKEN_BUDGET,
    done: Callable[[int], Any] | None = None,
) -> list[NDArray[np.float32]]:
    """The logits of each example, [L] or [T, L] without padding, in the order of the examples.

    Args:
        model: put into evaluation mode; runs on the device where it is.
        examples: of any lengths.
        padding: how they are padded.
        token_budget: padded tokens of a batch at most.
        done: told the number of examples finished, after each batch.
    """
    import torch

    model.eval()
    lengths = np.array([len(example) for example in examples], dtype=np.int64)
    results: list[Any] = [None] * len(examples)
    with torch.inference_mode():
        for part in within_budget(np.arange(len(examples)), lengths, token_budget):
            batch = pad([examples[index] for index in part], padding)
            tensors = {name: tensor.to(model.device) for name, tensor in batch.tensors.items() if name != "targets"}
            logits = model(**tensors).logits.float().cpu().numpy()
            for row, index in zip(logits, part, strict=True):
                results[index] = row if row.ndim == 1 else _unpadded(row, int(lengths[index]), padding)
            if done:
                done(len(part))
    return results


def _unpadded(row: NDArray[np.float32], length: int, padding: Padding) -> NDArray[np.float32]:
    return row[len(row) - length :] if padding.left else row[:length]
