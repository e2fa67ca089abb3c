"""New rows of an input embedding, which train where the rest of the embedding does not.

A model whose vocabulary was extended says so in its configuration: `vocation_new_rows` is how many of the last rows
of the input embedding are new. They mean nothing until they are trained.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vocation.errors import TrainingError
from vocation.modeling.anatomy import NEW_ROWS

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

SETTING = "vocation_new_rows"
"""Name of the entry in a model's configuration."""


def count_new_rows(model: PreTrainedModel) -> int:
    """How many of the last rows of the input embedding are new."""
    return int(getattr(model.config, SETTING, 0) or 0)


def train_new_rows(model: PreTrainedModel, *, whole_later: bool = False) -> None:
    """Gives the new rows a parameter of their own, `new_rows` of the embedding, which trains.

    The embedding's weight stays as it is until `merge_new_rows`. Nothing happens where no row is new, or where the
    whole embedding trains anyway.

    Args:
        model: with its embedding frozen.
        whole_later: the embedding trains, but not from the first update on, and the new rows shall.

    Raises:
        TrainingError: the output embedding is the same tensor, and would not follow.
    """
    from torch.nn import Parameter

    embedding: Any = model.get_input_embeddings()
    count = count_new_rows(model)
    if not count or (embedding.weight.requires_grad and not whole_later):
        return
    output: Any = model.get_output_embeddings()
    if output is not None and output.weight is embedding.weight:
        raise TrainingError(
            "New rows of an embedding that also gives the output cannot train by themselves.\n"
            "  what to do: train the whole embedding (strategy full, or freeze with embeddings: false)"
        )
    embedding.register_parameter(NEW_ROWS, Parameter(embedding.weight[-count:].detach().clone()))
    embedding.new_rows_hook = embedding.register_forward_hook(_look_up)


def merge_new_rows(model: PreTrainedModel) -> None:
    """Writes the trained rows into the embedding, which is a plain one again."""
    import torch

    embedding: Any = model.get_input_embeddings()
    rows = getattr(embedding, NEW_ROWS, None)
    if rows is not None:
        with torch.no_grad():
            embedding.weight[-len(rows) :] = rows
        embedding.new_rows_hook.remove()
        del embedding.new_rows, embedding.new_rows_hook


def _look_up(embedding: Any, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> torch.Tensor:
    """The embedding's output with the new rows in their places."""
    import torch
    from torch.nn import functional

    rows = embedding.new_rows
    place = inputs[0] - (embedding.num_embeddings - len(rows))  # [B, T], below 0 for old rows
    values = functional.embedding(place.clamp(min=0), rows) * getattr(embedding, "embed_scale", 1.0)
    return torch.where(place.unsqueeze(-1) >= 0, values.to(output.dtype), output)
