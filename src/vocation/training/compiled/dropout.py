"""Dropout whose mask is drawn by the compiled generator, for 32-bit floats on a processor."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import torch

from vocation.training.compiled.masks import drop, drop_in_place

_STEPS = 2**16


class Mask(NamedTuple):
    """A mask of dropout, which is drawn again whenever it is needed.

    Args:
        first_key: of the generator.
        second_key: of the generator.
        threshold: an element is dropped where its 16 bits are below.
        scale: of what stays, the inverse of its share.
    """

    first_key: int
    second_key: int
    threshold: int
    scale: float

    def apply(self, values: torch.Tensor) -> torch.Tensor:
        """What stays of `values`, scaled; contiguous float32 of any shape."""
        result = torch.empty_like(values)
        drop(values.detach().view(-1).numpy(), result.view(-1).numpy(), *self._arguments())
        return result

    def apply_in_place(self, values: torch.Tensor) -> torch.Tensor:
        """Leaves of `values` what stays, scaled; contiguous float32 of any shape."""
        drop_in_place(values.detach().view(-1).numpy(), *self._arguments())
        return values

    def _arguments(self) -> tuple[np.uint32, np.uint32, np.uint32, np.float32]:
        keys = np.uint32(self.first_key), np.uint32(self.second_key)
        return *keys, np.uint32(self.threshold), np.float32(self.scale)


def draw_mask(probability: float) -> Mask:
    """A new mask; its keys come from torch's generator, so `torch.manual_seed` decides on them.

    Args:
        probability: of an element to be dropped, below 1; it is rounded to a multiple of 1/65,536.
    """
    first, second = torch.randint(2**32, (2,)).tolist()
    threshold = round(probability * _STEPS)
    return Mask(first, second, threshold, _STEPS / (_STEPS - threshold))


def fits(values: torch.Tensor, probability: float) -> bool:
    """Whether the compiled generator serves; torch's own dropout does where not."""
    return (
        values.device.type == "cpu"
        and values.dtype == torch.float32
        and 1 / _STEPS < probability < 1 - 1 / _STEPS
        and values.numel() < 2**32
        and not torch.is_autocast_enabled("cpu")
    )


def dropout(values: torch.Tensor, probability: float, *, training: bool) -> torch.Tensor:
    """`torch.nn.functional.dropout`, drawn by the compiled generator where that serves."""
    if not training or not fits(values, probability):
        return torch.nn.functional.dropout(values, probability, training=training)
    apply: Any = _Dropout.apply
    result: torch.Tensor = apply(values, draw_mask(probability))
    return result


class _Dropout(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, values: torch.Tensor, mask: Mask) -> torch.Tensor:
        ctx.mask = mask
        return mask.apply(values.contiguous())

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor, None]:
        return ctx.mask.apply(gradient.contiguous()), None
