"""AdamW, set up as encoders are fine-tuned."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def adamw(model: torch.nn.Module, weight_decay: float) -> torch.optim.AdamW:
    """AdamW (Loshchilov & Hutter, 2019) over the weights that train, fused where the device has it.

    Biases and layer-norm weights, that is all tensors of one dimension, do not decay (as in Devlin et al., 2019).
    β = (0.9, 0.999), ε = 1e-8. The learning rate is set anew before every update.

    Raises:
        ValueError: nothing trains.
    """
    import torch

    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    groups = [
        {"params": [parameter for parameter in trained if parameter.ndim >= 2], "weight_decay": weight_decay},
        {"params": [parameter for parameter in trained if parameter.ndim < 2], "weight_decay": 0.0},
    ]
    fused = all(parameter.device.type in ("cpu", "cuda", "mps") for parameter in trained)
    return torch.optim.AdamW([group for group in groups if group["params"]], lr=0.0, fused=fused)
