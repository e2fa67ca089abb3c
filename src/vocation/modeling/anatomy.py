"""The parts of a model that strategies speak of: its layers, what lies below and above them, its projections.

Shapes: D width of the model, F width of its feed-forward network.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vocation.errors import TrainingError

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

ADDED = "addition"
"""Name of every module that Vocation adds to an architecture."""
NEW_ROWS = "new_rows"
"""Name of the parameter that holds the new rows of an input embedding (see `vocation.modeling.new_rows`)."""
_KEYS = ("key", "key_proj", "k_proj", "k_lin")
_VALUES = ("value", "value_proj", "v_proj", "v_lin")


@dataclass(frozen=True, slots=True)
class Linear:
    """A linear map inside a layer; its weight may be stored either way round.

    Args:
        name: of the module in the model.
        module: the module.
        inputs: width of what it reads.
        outputs: width of what it gives.
    """

    name: str
    module: torch.nn.Module
    inputs: int
    outputs: int


def layers_of(model: PreTrainedModel) -> Mapping[str, torch.nn.Module]:
    """The transformer layers from the bottom to the top, by name.

    Raises:
        TrainingError: they cannot be told apart, as in models that use one layer several times.
    """
    from torch.nn import ModuleList

    depth = getattr(model.config, "num_hidden_layers", None)
    found: dict[str, torch.nn.Module] = {}
    taken: list[str] = []
    for name, module in model.named_modules():
        inside = any(name.startswith(f"{outer}.") for outer in taken)
        if isinstance(module, ModuleList) and len(module) == depth and not inside:
            taken.append(name)
            found |= {f"{name}.{index}": layer for index, layer in enumerate(module)}
    if not found:
        raise TrainingError(
            f"The layers of a {model.config.model_type} model cannot be told apart: it has no list of {depth} layers.\n"
            "  what to do: choose a strategy that does not ask for layers (full, lora, bitfit), or another model"
        )
    return found


def layer_count(folder: Path, setting: str) -> int:
    """How many layers the model in a folder has, as its configuration says.

    Args:
        folder: of the model.
        setting: that asks for it.

    Raises:
        TrainingError: the configuration does not say it.
    """
    from transformers import AutoConfig

    count = getattr(AutoConfig.from_pretrained(folder, local_files_only=True), "num_hidden_layers", None)
    if not isinstance(count, int):
        raise TrainingError(
            f"{setting} needs the number of layers, which the model's config.json does not have (num_hidden_layers).\n"
            "  what to do: give a number"
        )
    return count


def require_layers(model: PreTrainedModel, wanted: int, setting: str) -> None:
    """Refuses to speak of more layers than there are.

    Args:
        model: the model.
        wanted: how many layers.
        setting: that asks for them, such as "freeze.layers".

    Raises:
        TrainingError: the model has fewer.
    """
    if wanted > (there := len(layers_of(model))):
        raise TrainingError(
            f"{setting} is {wanted}, and the {model.config.model_type} model has {there} layers.\n"
            f"  what to do: set {setting} to {there} or less"
        )


def depths_of(model: PreTrainedModel) -> dict[str, int]:
    """How high each parameter lies: 0 below the layers (embeddings), 1 to L in a layer, L + 1 above them.

    Above are a last layer norm, a pooler, the task head, what a strategy added outside of the layers, and new rows of
    the embedding. By name of the parameter, in the model's own order.
    """
    layers, head = layers_of(model), head_names(model)
    height = {
        id(parameter): depth for depth, layer in enumerate(layers.values(), start=1) for parameter in layer.parameters()
    }
    depths, seen = {}, False
    for name, parameter in model.named_parameters():
        depth = height.get(id(parameter))
        seen = seen or depth is not None
        if depth is None:
            new = name.endswith(f".{NEW_ROWS}") or name in head
            depth = 0 if not new and (not seen or "embed" in name) else len(layers) + 1
        depths[name] = depth
    return depths


def head_names(model: PreTrainedModel) -> frozenset[str]:
    """Names of the parameters that learn the task from nothing: the head, and what the weights' file lacked.

    A pooler that the file lacked is among them, one that came from the file is not.
    """
    body = {id(parameter) for parameter in model.base_model.parameters()} if model.base_model is not model else set()
    random: frozenset[str] = getattr(model, "started_at_random", frozenset())
    return frozenset(
        name for name, parameter in model.named_parameters() if id(parameter) not in body or name in random
    )


def linears_of(model: PreTrainedModel) -> list[Linear]:
    """The linear maps inside the layers, from the bottom to the top."""
    from torch.nn import Linear as Plain
    from transformers.pytorch_utils import Conv1D

    found = []
    for layer_name, layer in layers_of(model).items():
        for name, module in layer.named_modules():
            if isinstance(module, Conv1D):  # GPT-2's, whose weight is stored as [inputs, outputs].
                found.append(Linear(f"{layer_name}.{name}", module, module.nx, module.nf))
            elif isinstance(module, Plain):
                found.append(Linear(f"{layer_name}.{name}", module, module.in_features, module.out_features))
    return found


def keys_and_values(linears: Sequence[Linear]) -> list[Linear]:
    """The maps to the keys and the values of self-attention, where they are maps of their own."""
    return [linear for linear in linears if _last(linear.name) in (*_KEYS, *_VALUES)]


def feed_forward_outputs(linears: Sequence[Linear], width: int) -> list[Linear]:
    """The maps from F back to D that end the feed-forward networks.

    Args:
        linears: of the layers.
        width: D.
    """
    return [linear for linear in linears if linear.outputs == width and linear.inputs != width]


def attention_outputs(linears: Sequence[Linear], width: int) -> list[Linear]:
    """The maps that end self-attention: in each layer the last one to D before the feed-forward network.

    Args:
        linears: of the layers, from the bottom to the top.
        width: D.
    """
    ends = {linear.name for linear in feed_forward_outputs(linears, width)}
    found: list[Any] = []
    last = None
    for linear in linears:
        if linear.name in ends:
            found += [last] if last else []
            last = None
        elif linear.outputs == width:
            last = linear
    return found


def norms_of(layer: torch.nn.Module) -> list[torch.nn.Module]:
    """The layer norms inside a layer, whatever their class is called."""
    return [module for module in layer.modules() if type(module).__name__.endswith("Norm")]


def parent_of(model: torch.nn.Module, name: str) -> tuple[Any, str]:
    """The module that holds the named one, and the name under which it does."""
    above, _, last = name.rpartition(".")
    return model.get_submodule(above), last


def freeze_body(model: PreTrainedModel) -> None:
    """Lets the head alone train."""
    model.requires_grad_(False)
    train_head(model)


def train_head(model: PreTrainedModel) -> None:
    """Lets the head train, whatever else does."""
    for name in head_names(model):
        model.get_parameter(name).requires_grad_(True)


def _last(name: str) -> str:
    return name.rpartition(".")[2]
