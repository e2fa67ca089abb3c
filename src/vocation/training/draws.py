"""The state of torch's generators, so that several passes over a batch can draw the same numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


class Draws:
    """Where the generators stand now, to come back to.

    Passes that differ in their inputs alone, as an adversary needs them, have the same dropout masks only if each
    starts from the same state (Zhu et al., 2020, section 3.3). After the last one the generators stand behind one pass.

    Args:
        device: where the passes compute, beside the processor.
    """

    def __init__(self, device: torch.device) -> None:
        import torch

        self._device = device
        self._state = torch.get_rng_state()
        self._device_state = None if device.type == "cpu" else torch.get_device_module(device).get_rng_state()

    def again(self) -> None:
        """What is drawn next is what was drawn first."""
        import torch

        torch.set_rng_state(self._state)
        if self._device_state is not None:
            torch.get_device_module(self._device).set_rng_state(self._device_state)
