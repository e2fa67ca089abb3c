"""What a model has beside its architecture, saved beside it: a prompt, a prefix, or bottlenecks.

Such a model is saved as

    base/                       what plain `transformers` loads: body, head, configuration
    addition.json               what was added
    adapter_model.safetensors   the weights of what was added
    adapter_config.json         of a prompt or a prefix: what `peft` needs to load it onto `base/`

There is no config.json beside `addition.json`, so nobody takes the base for the whole by mistake.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vocation.artifacts import write_json
from vocation.errors import ModelError
from vocation.modeling.anatomy import ADDED

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

    from vocation.modeling.bottleneck import Activation, Placement

BASE = "base"
_DESCRIPTION, _WEIGHTS = "addition.json", "adapter_model.safetensors"
_PEFT_TASKS = {
    "ForSequenceClassification": "SEQ_CLS",
    "ForTokenClassification": "TOKEN_CLS",
    "ForQuestionAnswering": "QUESTION_ANS",
    "ForCausalLM": "CAUSAL_LM",
}


def has_addition(folder: Path) -> bool:
    """Whether a folder holds a model with something beside its architecture."""
    return (folder / _DESCRIPTION).exists()


def save_model(model: PreTrainedModel, folder: Path) -> None:
    """Writes a model: a plain `transformers` folder, or one as above where something was added."""
    from safetensors.torch import save_file

    added = {name: value for name, value in model.state_dict().items() if f".{ADDED}." in f".{name}"}
    if not added:
        model.save_pretrained(folder)
        return
    plain = {name: value for name, value in model.state_dict().items() if name not in added}
    model.save_pretrained(folder / BASE, state_dict=plain)
    description = _description(model)
    if description["kind"] != "bottleneck":
        vectors = added[f"{ADDED}.vectors"]
        head = {f"base_model.{name}": value for name, value in plain.items() if _above_body(model, name)}
        added = {"prompt_embeddings": vectors, **head}
        write_json(folder / "adapter_config.json", _peft_config(model, description, vectors))
    write_json(folder / _DESCRIPTION, description)
    save_file({name: value.contiguous() for name, value in added.items()}, folder / _WEIGHTS, {"format": "pt"})


def load_addition(model: PreTrainedModel, folder: Path) -> None:
    """Adds to a loaded base what was saved beside it.

    Raises:
        ModelError: the files do not belong together.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    from vocation.modeling.bottleneck import add_bottlenecks
    from vocation.modeling.virtual_tokens import Prefix, Prompt, heads_of, hook, reads_tokens

    try:
        description = json.loads((folder / _DESCRIPTION).read_text(encoding="utf-8"))
        weights = load_file(folder / _WEIGHTS)
        if description["kind"] == "bottleneck":
            placement: Placement = description["placement"]
            activation: Activation = description["activation"]
            add_bottlenecks(model, placement, description["width"], activation)
            model.load_state_dict(weights, strict=False)
            missing = {name for name in model.state_dict() if f".{ADDED}." in name} ^ set(weights)
            if missing:
                raise ValueError(f"{len(missing)} weights are missing or too many, among them {min(missing)}")
        elif description["kind"] == "prompt":
            hook(model, Prompt(weights["prompt_embeddings"], cut_off=reads_tokens(model)))
        else:
            heads, width = heads_of(model)
            hook(model, Prefix(weights["prompt_embeddings"], heads=heads, head_width=width))
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise ModelError(f"What was added to the model in {folder} cannot be loaded: {error}") from error


def _description(model: PreTrainedModel) -> dict[str, Any]:
    from torch.nn import GELU

    from vocation.modeling.bottleneck import Bottleneck
    from vocation.modeling.virtual_tokens import Prompt

    found: Any = getattr(model, ADDED, None)
    if found is not None:
        return {"kind": "prompt" if isinstance(found, Prompt) else "prefix", "tokens": len(found.vectors)}
    inside = [module for module in model.modules() if isinstance(module, Bottleneck)]
    depth = model.config.num_hidden_layers
    return {
        "kind": "bottleneck",
        "placement": "pfeiffer" if len(inside) == depth else "houlsby",
        "width": inside[0].down.out_features,
        "activation": "gelu" if isinstance(inside[0].activation, GELU) else "relu",
    }


def _peft_config(model: PreTrainedModel, description: Mapping[str, Any], vectors: torch.Tensor) -> dict[str, Any]:
    """What `peft.PeftModel.from_pretrained` reads; the base is given to it, so no name of one is written."""
    from vocation.modeling.virtual_tokens import heads_of

    name = type(model).__name__
    heads, head_width = heads_of(model)
    prefix = description["kind"] == "prefix"
    return {
        "peft_type": "PREFIX_TUNING" if prefix else "PROMPT_TUNING",
        "task_type": next((task for ending, task in _PEFT_TASKS.items() if name.endswith(ending)), None),
        "base_model_name_or_path": None,
        "inference_mode": True,
        "num_virtual_tokens": len(vectors),
        "token_dim": heads * head_width if prefix else vectors.shape[1],
        "num_attention_heads": heads if prefix else model.config.num_attention_heads,
        "num_layers": model.config.num_hidden_layers,
        "num_transformer_submodules": 1,
        "modules_to_save": sorted({name.partition(".")[0] for name in model.state_dict() if _above_body(model, name)}),
    }


def _above_body(model: PreTrainedModel, name: str) -> bool:
    return not name.startswith((f"{model.base_model_prefix}.", f"{ADDED}."))
