"""The body of a model: everything but the head of its task."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from vocation.modeling.pretrained import load_config

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel


def body_parameters(model: PreTrainedModel) -> dict[str, torch.nn.Parameter]:
    """The parameters of the body, by their names in the whole model."""
    inside = {id(parameter) for parameter in model.base_model.parameters()}
    return {name: parameter for name, parameter in model.named_parameters() if id(parameter) in inside}


def body_shapes(folder: Path) -> dict[str, tuple[int, ...]]:
    """The names and shapes of `body_parameters`, from a model's configuration alone.

    Raises:
        ModelError: the configuration is not one that `transformers` knows.
    """
    import torch
    from transformers import AutoModel

    with torch.device("meta"):  # No memory, no numbers.
        model = AutoModel.from_config(load_config(folder), trust_remote_code=False)
    prefix = model.base_model_prefix
    return {f"{prefix}.{name}": tuple(parameter.shape) for name, parameter in model.named_parameters()}
