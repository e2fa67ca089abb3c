"""Models in GGUF files, converted once into a folder of safetensors that is read as any local model.

The folder lies in the user's cache: `$VOCATION_CACHE`, else `$XDG_CACHE_HOME/vocation`, else `~/.cache/vocation`. Its
name has the hash of the file that it was made from, and it is there whole or not at all, so it is never out of date.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vocation.artifacts import publish

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_VERSION = 1  # Part of the folder's name: raise it when what is written changes.
_READ_ONLY_HERE = ("quantization_config", "_name_or_path", "_model_name_or_path")


def cache_folder() -> Path:
    """Where Vocation keeps what it can make again."""
    if own := os.environ.get("VOCATION_CACHE"):
        return Path(own).expanduser()
    shared = os.environ.get("XDG_CACHE_HOME")
    return (Path(shared).expanduser() if shared else Path.home() / ".cache") / "vocation"


def converted(file: Path, sha256: str) -> Path:
    """The folder of a model in a GGUF file, which is made if it is not there.

    Several processes may ask at once: one converts, the others wait for it.

    Args:
        file: with the weights, quantised or not; they come out as float32.
        sha256: of the file, as it was verified.
    """
    from filelock import FileLock

    folder = cache_folder() / "models" / f"{file.stem}-{sha256[:16]}-v{_VERSION}"
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.with_name(folder.name + ".lock")):
        if not folder.is_dir():
            partial = folder.with_name(folder.name + ".partial")
            shutil.rmtree(partial, ignore_errors=True)  # Of a process that was killed.
            _convert(file, partial)
            publish(partial, folder)
    return folder


def _convert(file: Path, folder: Path) -> None:
    """Writes weights, configuration, tokenizer and chat template of a GGUF file into a folder."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    source: dict[str, Any] = {"gguf_file": file.name, "local_files_only": True}
    read: PreTrainedModel = AutoModelForCausalLM.from_pretrained(file.parent, dtype=torch.float32, **source)
    tokenizer: Any = AutoTokenizer.from_pretrained(file.parent, **source)
    for name in _READ_ONLY_HERE:  # Of the way in which it was read, and of whoever wrote the file.
        vars(read.config).pop(name, None)
    # What was read from a quantised file refuses to be saved, though its weights are plain numbers by now.
    plain = type(read)(read.config)
    plain.load_state_dict(read.state_dict())
    plain.generation_config = read.generation_config
    plain.save_pretrained(folder)
    _split_digits(tokenizer, file)
    tokenizer.model_max_length = read.config.max_position_embeddings
    tokenizer.save_pretrained(folder)


def _split_digits(tokenizer: Any, file: Path) -> None:
    """Restores what is lost on the way: tokenizers of this kind take every digit for itself before anything else.

    Without it, the white space before a number falls to other tokens than those that the model was trained with.
    """
    from gguf import GGUFReader
    from tokenizers.pre_tokenizers import ByteLevel, Digits, Sequence

    field = GGUFReader(file).get_field("tokenizer.ggml.pre")
    if field is not None and field.contents() == "smollm":
        parts = [Digits(individual_digits=True), ByteLevel(add_prefix_space=False)]
        tokenizer.backend_tokenizer.pre_tokenizer = Sequence(parts)
