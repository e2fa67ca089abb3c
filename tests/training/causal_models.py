"""Tiny causal language models with random weights, batches for them, and what they compute the obvious way."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import torch

VOCABULARY = 97


def tiny(dtype: torch.dtype = torch.float32, model_type: str = "llama", **changes: Any) -> Any:
    """A decoder of width 24 with 2 layers, 4 heads and 2 heads of keys and values."""
    from transformers import AutoConfig, AutoModelForCausalLM

    settings: dict[str, Any] = {
        "vocab_size": VOCABULARY,
        "hidden_size": 24,
        "intermediate_size": 40,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 6,
        "max_position_embeddings": 512,
        "initializer_range": 0.2,
        "tie_word_embeddings": True,
        "pad_token_id": 0,
        "bos_token_id": 1,
        "eos_token_id": 2,
        **changes,
    }
    torch.manual_seed(5)
    model = AutoModelForCausalLM.from_config(AutoConfig.for_model(model_type, **settings))
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "norm" in name:  # Otherwise all are 1, and a kernel that forgets them goes unnoticed.
                parameter.copy_(1 + 0.3 * torch.randn_like(parameter))
            elif name.endswith("bias"):
                parameter.copy_(0.3 * torch.randn_like(parameter))
    return model.to(dtype).train()


def adapted(model: Any, dropout: float = 0.0, targets: Any = "all-linear") -> Any:
    """A copy with an update of low rank beside its maps, the only weights that train; none of them is zero."""
    from peft import LoraConfig, inject_adapter_in_model

    config = LoraConfig(r=3, lora_alpha=6, lora_dropout=dropout, target_modules=targets, exclude_modules=["lm_head"])
    dtype = next(model.parameters()).dtype
    torch.manual_seed(6)
    result: Any = inject_adapter_in_model(config, copy.deepcopy(model)).to(dtype)
    for name, parameter in result.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.3)
    return result.train()


def batch(
    lengths: Sequence[int], alike: int = 3, *, left: bool = False, question: float = 0.4, seed: int = 1
) -> dict[str, torch.Tensor]:
    """Examples that begin alike; of each, what stands behind the question is learned, but for its last two tokens.

    Args:
        lengths: tokens of the examples.
        alike: tokens with which all begin.
        left: whether the padding stands in front.
        question: share of the tokens from which nothing is learned.
        seed: of the tokens.
    """
    generator = torch.Generator().manual_seed(seed)
    longest = max(lengths)
    common = torch.randint(3, VOCABULARY, (alike,), generator=generator)
    tensors = {name: torch.zeros(len(lengths), longest, dtype=torch.int64) for name in ("input_ids", "attention_mask")}
    tensors["targets"] = torch.full((len(lengths), longest), -100)
    for row, length in enumerate(lengths):
        text = torch.randint(3, VOCABULARY, (length + 1,), generator=generator)
        text[: min(alike, length)] = common[:length]
        place = slice(longest - length, longest) if left else slice(0, length)
        learned = torch.arange(length) >= max(round(question * length), alike)
        learned &= torch.arange(length) < length - 2
        tensors["input_ids"][row, place] = text[:-1]
        tensors["attention_mask"][row, place] = 1
        tensors["targets"][row, place] = torch.where(learned, text[1:], -100)
    return tensors


def obvious_loss(model: Any, tensors: Mapping[str, torch.Tensor]) -> torch.Tensor:
    """Σ −log p of the targets, each example computed alone and whole."""
    total = torch.zeros((), dtype=next(model.parameters()).dtype)
    for ids, mask, targets in zip(tensors["input_ids"], tensors["attention_mask"], tensors["targets"], strict=True):
        real = mask.bool()
        logits = model(input_ids=ids[real].unsqueeze(0), use_cache=False).logits[0]
        total = total + torch.nn.functional.cross_entropy(logits, targets[real], ignore_index=-100, reduction="sum")
    return total


def gradients(model: Any) -> dict[str, torch.Tensor]:
    """Of all weights that train; they are set back."""
    result = {name: value.grad.clone() for name, value in model.named_parameters() if value.grad is not None}
    model.zero_grad()
    return result


def largest_error(one: Mapping[str, torch.Tensor], other: Mapping[str, torch.Tensor]) -> float:
    """Of gradients, each relative to the largest number of its tensor."""
    assert set(one) == set(other)
    assert one
    return max(float((one[name] - other[name]).abs().max() / (other[name].abs().max() + 1e-30)) for name in one)


def use_exact_norms(model: Any) -> None:
    """Lets norms compute in the precision of their inputs; those of transformers always do in float32."""

    def norm(module: Any, values: torch.Tensor) -> torch.Tensor:
        root = torch.sqrt(values.square().mean(-1, keepdim=True) + module.variance_epsilon)
        result: torch.Tensor = module.weight * values / root
        return result

    for module in model.modules():
        if hasattr(module, "variance_epsilon"):
            module.forward = lambda values, module=module: norm(module, values)
