"""Frozen linear maps in 4 bits (QLoRA, Dettmers et al., 2023), by `bitsandbytes`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from vocation.errors import MissingExtraError, TrainingError
from vocation.modeling.anatomy import linears_of, parent_of

if TYPE_CHECKING:
    from transformers import PreTrainedModel

Number = Literal["nf4", "fp4"]


def require_device() -> None:
    """Refuses machines on which 4-bit weights cannot train.

    Raises:
        TrainingError: there is no NVIDIA GPU.
        MissingExtraError: `bitsandbytes` is not installed.
    """
    from importlib.util import find_spec

    import torch

    if not torch.cuda.is_available():
        raise TrainingError(
            "qlora trains beside 4-bit weights, which needs an NVIDIA GPU, and there is none.\n"
            "  what to do: choose lora, which trains the same update beside weights of full precision"
        )
    if find_spec("bitsandbytes") is None:
        raise MissingExtraError("bitsandbytes", "quantised")


def quantise(model: PreTrainedModel, number: Number, device: str, *, double: bool) -> None:
    """Stores the linear maps inside the layers in 4 bits, in place, on a device.

    Args:
        model: its other weights stay as they are.
        number: type of the 4-bit numbers.
        device: where the model computes.
        double: whether the scales of the blocks are stored in 8 bits (double quantisation).
    """
    import bitsandbytes as bits
    import torch

    for linear in linears_of(model):
        plain: Any = linear.module
        small = bits.nn.Linear4bit(
            linear.inputs,
            linear.outputs,
            bias=plain.bias is not None,
            compute_dtype=torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float32,
            compress_statistics=double,
            quant_type=number,
        )
        transposed = type(plain).__name__ == "Conv1D"  # GPT-2's, whose weight is [inputs, outputs].
        small.weight = bits.nn.Params4bit(
            (plain.weight.T if transposed else plain.weight).detach().contiguous(),
            requires_grad=False,
            compress_statistics=double,
            quant_type=number,
        )
        small.bias = plain.bias
        parent, last = parent_of(model, linear.name)
        setattr(parent, last, small.to(device))


def restore_precision(model: PreTrainedModel) -> None:
    """Writes the 4-bit maps, and the updates beside them, as linear maps in float32: W + s B A of what trained."""
    import bitsandbytes as bits
    import torch

    for name, module in list(model.named_modules()):
        if isinstance(module, bits.nn.Linear4bit) and not name.endswith(".base_layer"):
            _replace(model, name, _plain(module))
        elif isinstance(getattr(module, "base_layer", None), bits.nn.Linear4bit):
            updated: Any = module
            plain = _plain(updated.base_layer)
            with torch.no_grad():
                plain.weight += updated.get_delta_weight("default").to(plain.weight)
            _replace(model, name, plain)


def _plain(small: Any) -> Any:
    """A linear map in float32 with the values of a 4-bit one."""
    import torch
    from bitsandbytes.functional import dequantize_4bit

    weight = dequantize_4bit(small.weight.data, small.weight.quant_state).float()  # [outputs, inputs]
    plain = torch.nn.Linear(weight.shape[1], weight.shape[0], bias=small.bias is not None, device=weight.device)
    with torch.no_grad():
        plain.weight.copy_(weight)
        if small.bias is not None:
            plain.bias.copy_(small.bias)
    return plain


def _replace(model: PreTrainedModel, name: str, module: Any) -> None:
    parent, last = parent_of(model, name)
    setattr(parent, last, module)
