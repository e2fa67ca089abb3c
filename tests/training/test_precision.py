"""Which precision training computes in."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from vocation.errors import TrainingError
from vocation.training import precision as module
from vocation.training.precision import Precision, accelerator, autocasting, computing, processor_rounds

BACKEND: Any = torch.backends.mkldnn


@pytest.fixture
def with_units(monkeypatch: pytest.MonkeyPatch) -> None:
    """A processor that says it has bfloat16 units; without them the products come out in float32."""
    monkeypatch.setattr(module, "processor_rounds", lambda: True)


@pytest.mark.usefixtures("with_units")
@pytest.mark.parametrize(("precision", "mixed"), [("auto", "no"), ("float32", "no"), ("bfloat16", "bf16")])
def test_the_processor_computes_in_float32_unless_told(precision: Precision, mixed: str) -> None:
    device = accelerator(precision, device="cpu")
    assert (device.mixed_precision, device.device.type) == (mixed, "cpu")


@pytest.mark.usefixtures("with_units")
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_processor_rounds_the_factors_of_products_and_casts_nothing(precision: Precision) -> None:
    torch.manual_seed(1)
    left, right = torch.randn(64, 256), torch.randn(256, 64)
    exact = (left.double() @ right.double()).float()
    before = BACKEND.matmul.fp32_precision
    device = accelerator(precision, device="cpu")
    with computing(device), autocasting(device):
        product = left @ right
        asked = BACKEND.matmul.fp32_precision
    assert BACKEND.matmul.fp32_precision == before
    assert (asked == "bf16") == (precision == "bfloat16")
    assert product.dtype == torch.float32
    error = float((product - exact).abs().max() / exact.abs().max())
    rounded = precision == "bfloat16" and processor_rounds()
    assert (1e-4 < error < 1e-2) if rounded else error < 1e-5


def test_the_setting_is_given_back_after_a_failure(with_units: None) -> None:
    before = BACKEND.matmul.fp32_precision
    with pytest.raises(ZeroDivisionError), computing(accelerator("bfloat16", device="cpu")):
        raise ZeroDivisionError
    assert BACKEND.matmul.fp32_precision == before


def test_a_gpu_without_bfloat16_units_is_refused_bfloat16(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: (7, 5))
    with pytest.raises(TrainingError, match="this GPU has no bfloat16 units") as caught:
        accelerator("bfloat16")
    assert "set it to auto or float32" in str(caught.value)


def test_a_processor_without_bfloat16_units_is_refused_bfloat16(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "processor_rounds", lambda: False)
    with pytest.raises(TrainingError, match="this processor has no bfloat16 units"):
        accelerator("bfloat16", device="cpu")
