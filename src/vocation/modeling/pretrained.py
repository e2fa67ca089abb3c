"""Where weights come from: a starter, a local folder, or a hub id. safetensors only; no pickle, no remote code."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from vocation.artifacts import hash_file
from vocation.errors import ModelError
from vocation.modeling.additions import BASE, has_addition, load_addition
from vocation.modeling.starters import PREFIX, STARTERS, starter_folder

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

_MODEL_FILES = ("*.json", "*.safetensors", "*.txt", "*.model")
_TOKENIZER_FILES = ("tokenizer.json", "vocab.*", "*.model")


@dataclass(frozen=True, slots=True)
class Pretrained:
    """A model that was found.

    Args:
        name: as the recipe gives it.
        folder: where its files lie.
        fingerprint: changes when its weights, configuration or tokenizer change.
    """

    name: str
    folder: Path
    fingerprint: str


def resolve(name: str, base: Path) -> Pretrained:
    """Finds a model.

    Args:
        name: `starter:…`, a folder (absolute or relative to `base`), or a hub id such as `owner/model`, which may end
            in `@revision`.
        base: folder of the recipe.

    Raises:
        ModelError: it is nowhere, is not safetensors, or the hub cannot be reached.
    """
    if name.startswith(PREFIX):
        folder = starter_folder(name)
        return Pretrained(name, folder, _fingerprint(folder))
    folder = (base / Path(name).expanduser()).resolve()
    if folder.is_dir():
        _require_files(folder)
        return Pretrained(name, folder, _fingerprint(folder))
    if name.startswith((".", "/", "~")) or name.count("/") > 1 or Path(name).is_absolute():
        raise ModelError(f"The model folder {folder} does not exist.\n  what to do: correct `model` in the recipe")
    folder = _from_hub(name)
    _require_files(folder)
    return Pretrained(name, folder, f"hub:{name}@{folder.name}")  # A snapshot's folder is named for its commit.


def offline() -> bool:
    """Whether connections are forbidden: HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE is set."""
    truthy = {"1", "true", "yes", "on"}
    return any(os.environ.get(name, "").lower() in truthy for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"))


def load_tokenizer(folder: Path) -> PreTrainedTokenizerFast:
    """The tokenizer of a model folder.

    Raises:
        ModelError: it cannot be read, is not a fast one, or has no padding token.
    """
    from transformers import AutoTokenizer

    # Without any of these files, transformers would make a tokenizer that knows no word.
    if not any(path for pattern in _TOKENIZER_FILES for path in folder.glob(pattern)):
        raise _no_tokenizer(folder, "there is no tokenizer.json, and no vocabulary either")
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError, KeyError) as error:
        raise _no_tokenizer(folder, str(error).partition("\n")[0]) from error
    if not tokenizer.is_fast:
        raise ModelError(
            f"{folder} has no fast tokenizer, whose character offsets are needed.\n"
            "  what to do: add a tokenizer.json, or choose another model"
        )
    if tokenizer.pad_token_id is None:
        raise ModelError(
            f"The tokenizer of {folder} has no padding token.\n"
            "  what to do: name one in its tokenizer_config.json (`pad_token`), often the end-of-text token"
        )
    return cast("PreTrainedTokenizerFast", tokenizer)


def load_model(auto_class: type[Any], folder: Path, head_labels: Sequence[str] | None, seed: int) -> PreTrainedModel:
    """A model in float32 on the processor, with what was saved beside it.

    What started at random, a new head or a pooler that the file lacks, is named by its attribute `started_at_random`.

    Args:
        auto_class: a `transformers` auto class, such as `AutoModelForSequenceClassification`.
        folder: of the weights.
        head_labels: names of the outputs of a new head; None keeps the head that was saved.
        seed: of the new head's weights.

    Raises:
        ModelError: weights of the body are missing or of another shape, a file is damaged, or the folder is not a
            model that `transformers` knows.
    """
    import torch
    from safetensors import SafetensorError
    from transformers.utils import logging

    logging.set_verbosity_error()  # What is missing is checked below, and told in our own words.
    logging.disable_progress_bar()
    labels: dict[str, Any] = {}
    if head_labels is not None:
        named = dict(enumerate(head_labels))
        labels = {"id2label": named, "label2id": {label: index for index, label in named.items()}}
    torch.manual_seed(seed)
    try:
        model, info = auto_class.from_pretrained(
            folder / BASE if has_addition(folder) else folder,
            **labels,
            dtype=torch.float32,
            use_safetensors=True,
            local_files_only=True,
            trust_remote_code=False,
            ignore_mismatched_sizes=head_labels is not None,
            output_loading_info=True,
        )
    except (OSError, ValueError, SafetensorError) as error:
        raise ModelError(f"{folder} cannot be loaded: {error}") from error
    missing = [*info["missing_keys"], *(key for key, *_ in info["mismatched_keys"])]
    _require_body(model, folder, missing, new_head=head_labels is not None)
    if getattr(model.config, "pad_token_id", None) is None:  # Needed by models that read the last token of a text.
        model.config.pad_token_id = load_tokenizer(folder).pad_token_id
    model.started_at_random = frozenset(missing)
    if has_addition(folder):
        load_addition(model, folder)
    loaded: PreTrainedModel = model
    return loaded


def load_config(folder: Path) -> Any:
    """The configuration of a model folder, also of one with something beside its architecture.

    Raises:
        ModelError: it is not one that `transformers` knows.
    """
    from transformers import AutoConfig

    place = folder / BASE if has_addition(folder) else folder
    try:
        return AutoConfig.from_pretrained(place, local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError) as error:
        raise ModelError(f"{folder} is no model that transformers knows: {error}") from error


def load_saved(folder: Path) -> PreTrainedModel:
    """A finished model with its head, of the class that it was saved as; in float32 on the processor.

    Raises:
        ModelError: it cannot be loaded, or does not say of which class it is.
    """
    import transformers

    named = getattr(load_config(folder), "architectures", None) or ["none"]
    model_class = getattr(transformers, named[0], None)
    if model_class is None:
        raise ModelError(
            f"{folder} cannot be loaded: its config.json names the class {named[0]}, which transformers "
            "does not have.\n"
            "  what to do: give a folder that save_pretrained() or `vocation run` wrote"
        )
    return load_model(model_class, folder, None, seed=0)


def _no_tokenizer(folder: Path, reason: str) -> ModelError:
    return ModelError(
        f"{folder} has no tokenizer that can be read: {reason}.\n"
        "  what to do: put the model's tokenizer.json and tokenizer_config.json into the folder"
    )


def _require_body(model: PreTrainedModel, folder: Path, missing: Sequence[str], *, new_head: bool) -> None:
    """A new head and a pooler may start at random, everything else must have come from the file."""
    body = f"{model.base_model_prefix}."
    lost = [key for key in missing if not new_head or (key.startswith(body) and "pooler" not in key)]
    if lost:
        raise ModelError(
            f"{folder} lacks {len(lost)} weights of its {model.config.model_type} model, or has them in another shape, "
            f"among them {lost[0]}.\n"
            "  what to do: check that the weights and config.json belong together"
        )


def _require_files(folder: Path) -> None:
    if has_addition(folder):
        raise ModelError(
            f"{folder} holds a model that was trained with something beside its weights (see its addition.json), and "
            "cannot be trained further as one.\n"
            f"  what to do: start from its base, {folder / BASE}, or train it with a strategy that can be merged"
        )
    if not (folder / "config.json").exists():
        raise ModelError(f"{folder} is not a model folder: it has no config.json.")
    if not any(folder.glob("*.safetensors")):
        pickled = [path.name for path in folder.glob("*.bin")]
        reason = f"only {', '.join(pickled)}, which could run code when loaded" if pickled else "no weights"
        raise ModelError(
            f"{folder} holds {reason}; Vocation reads safetensors alone.\n"
            "  what to do: load it with transformers where you trust it, and save_pretrained() it anew"
        )


def _fingerprint(folder: Path) -> str:
    files = sorted({path for pattern in _MODEL_FILES for path in folder.glob(pattern)})
    parts = [f"{path.name}={hash_file(path)}" for path in files]
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()


def _from_hub(name: str) -> Path:
    """The snapshot of `owner/model` or `owner/model@revision`: the one in the local cache, else downloaded."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    repository, _, revision = name.partition("@")
    wanted: dict[str, Any] = {"revision": revision or None, "allow_patterns": list(_MODEL_FILES)}
    try:
        cached = Path(snapshot_download(repository, **wanted, local_files_only=True))
        if offline() or _is_complete(cached):
            return cached
    except (LocalEntryNotFoundError, OSError, ValueError) as error:
        if offline():
            raise _not_found(name, "Offline mode is on, and the model is not in the local cache") from error
    try:
        return Path(snapshot_download(repository, **wanted))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError, ValueError) as error:
        raise _not_found(name, str(error)) from error


def _is_complete(folder: Path) -> bool:
    return (folder / "config.json").exists() and any(folder.glob("*.safetensors"))


def _not_found(name: str, reason: str) -> ModelError:
    return ModelError(
        f"The model {name!r} is no starter and no folder, and it was not found on the hub. {reason}.\n"
        f"  allowed: {', '.join(PREFIX + known for known in STARTERS)}, a folder, or a hub id\n"
        "  what to do: check the name and the connection, or download the model and give its folder"
    )
