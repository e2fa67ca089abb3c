"""Which precision training computes in."""

from __future__ import annotations

import pytest
import torch

from vocation.errors import TrainingError
from vocation.training.precision import Precision, accelerator


@pytest.mark.parametrize(("precision", "mixed"), [("auto", "no"), ("float32", "no"), ("bfloat16", "bf16")])
def test_the_processor_computes_in_float32_unless_told(precision: Precision, mixed: str) -> None:
    device = accelerator(precision, device="cpu")
    assert (device.mixed_precision, device.device.type) == (mixed, "cpu")


def test_autocast_computes_products_in_bfloat16() -> None:
    left, right = torch.ones(4, 4), torch.ones(4, 4)
    with accelerator("bfloat16", device="cpu").autocast():
        assert (left @ right).dtype == torch.bfloat16
    with accelerator("float32", device="cpu").autocast():
        assert (left @ right).dtype == torch.float32


def test_a_gpu_without_bfloat16_units_is_refused_bfloat16(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: (7, 5))
    with pytest.raises(TrainingError, match="no bfloat16 units") as caught:
        accelerator("bfloat16")
    assert "set it to auto or float32" in str(caught.value)
