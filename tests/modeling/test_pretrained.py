"""Where weights come from, what is refused, and what a loaded model is."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForSequenceClassification, AutoModelForTokenClassification

from vocation.errors import ModelError
from vocation.modeling.pretrained import load_model, load_tokenizer, offline, resolve

HEAD = ("a", "b", "c")


@pytest.fixture
def copy(bert_folder: Path, tmp_path: Path) -> Path:
    """A copy of the tiny BERT that may be damaged."""
    return Path(shutil.copytree(bert_folder, tmp_path / "copy"))


def edit_json(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")


@pytest.mark.parametrize("relative", [True, False])
def test_a_folder_is_found_from_the_recipe_or_anywhere(copy: Path, relative: bool) -> None:
    name = "copy" if relative else str(copy)
    found = resolve(name, copy.parent)
    assert (found.name, found.folder) == (name, copy.resolve())


def test_the_fingerprint_changes_with_what_is_loaded_and_with_nothing_else(copy: Path) -> None:
    seen = [resolve("copy", copy.parent).fingerprint]
    (copy / "README.md").write_text("words", encoding="utf-8")
    moved = Path(shutil.copytree(copy, copy.parent / "moved"))
    assert resolve(str(moved), copy.parent).fingerprint == seen[0]
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors"):
        (copy / name).write_bytes((copy / name).read_bytes() + b" ")
        seen.append(resolve("copy", copy.parent).fingerprint)
    assert len(set(seen)) == 5


@pytest.mark.parametrize("name", ["./nowhere", "/nowhere/at/all", "~/nowhere-at-all", "a/b/c"])
def test_a_path_that_does_not_exist_is_not_looked_for_on_the_hub(
    tmp_path: Path, name: str, no_network: list[str]
) -> None:
    with pytest.raises(ModelError, match="does not exist"):
        resolve(name, tmp_path)
    assert no_network == []


@pytest.mark.parametrize("variable", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_offline_a_hub_id_is_looked_for_in_the_cache_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_network: list[str], variable: str
) -> None:
    monkeypatch.setenv(variable, "1")
    assert offline()
    with pytest.raises(ModelError, match="Offline mode is on, and the model is not in the local cache") as caught:
        resolve("nobody/no-such-model", tmp_path)
    assert "'nobody/no-such-model' is no starter and no folder" in str(caught.value)
    assert "allowed: starter:minilm, starter:smollm2, a folder, or a hub id" in str(caught.value)
    assert no_network == []


@pytest.mark.parametrize("value", ["0", "", "no", "false"])
def test_offline_mode_is_off_unless_it_is_asked_for(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", value)
    monkeypatch.delenv("TRANSFORMERS_OFFLINE", raising=False)
    assert not offline()


def test_a_folder_without_a_configuration_is_no_model(copy: Path) -> None:
    (copy / "config.json").unlink()
    with pytest.raises(ModelError, match=r"is not a model folder: it has no config\.json"):
        resolve("copy", copy.parent)


def test_pickled_weights_are_refused_and_never_opened(copy: Path) -> None:
    (copy / "model.safetensors").rename(copy / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"only pytorch_model\.bin, which could run code when loaded") as caught:
        resolve("copy", copy.parent)
    assert "save_pretrained() it anew" in str(caught.value)
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_model(AutoModelForSequenceClassification, copy, HEAD, seed=1)


def test_a_folder_without_weights_is_refused(copy: Path) -> None:
    (copy / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="holds no weights"):
        resolve("copy", copy.parent)


def test_missing_weights_of_the_body_are_refused(copy: Path) -> None:
    weights = load_file(copy / "model.safetensors")
    del weights["encoder.layer.1.attention.self.query.weight"]
    save_file(weights, copy / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match="lacks 1 weights of its bert model") as caught:
        load_model(AutoModelForSequenceClassification, copy, HEAD, seed=1)
    assert "bert.encoder.layer.1.attention.self.query.weight" in str(caught.value)


def test_weights_of_another_shape_are_refused(copy: Path) -> None:
    edit_json(copy / "config.json", lambda config: config.update(intermediate_size=48))
    with pytest.raises(ModelError, match="or has them in another shape") as caught:
        load_model(AutoModelForSequenceClassification, copy, HEAD, seed=1)
    assert "weights and config.json belong together" in str(caught.value)


def test_a_missing_pooler_starts_at_random_like_the_head(copy: Path) -> None:
    weights = load_file(copy / "model.safetensors")
    kept = {name: value for name, value in weights.items() if not name.startswith("pooler")}
    assert len(kept) < len(weights)
    save_file(kept, copy / "model.safetensors", metadata={"format": "pt"})
    load_model(AutoModelForSequenceClassification, copy, HEAD, seed=1)


@pytest.mark.parametrize("content", [b"", b"no safetensors at all"])
def test_damaged_weights_are_refused(copy: Path, content: bytes) -> None:
    (copy / "model.safetensors").write_bytes(content)
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_model(AutoModelForSequenceClassification, copy, HEAD, seed=1)


def test_an_unknown_architecture_is_refused_and_its_code_is_not_run(copy: Path) -> None:
    (copy / "evil.py").write_text("raise SystemExit('this code must not run')", encoding="utf-8")
    code = {"AutoConfig": "evil.Config", "AutoModelForSequenceClassification": "evil.Model"}
    edit_json(copy / "config.json", lambda config: config.update(model_type="evil", auto_map=code))
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_model(AutoModelForSequenceClassification, copy, HEAD, seed=1)


def test_the_head_depends_on_the_seed_and_the_body_does_not(bert_folder: Path) -> None:
    first, second, other = (
        load_model(AutoModelForTokenClassification, bert_folder, HEAD, seed=seed).state_dict() for seed in (1, 1, 2)
    )
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert {name for name in first if not torch.equal(first[name], other[name])} == {"classifier.weight"}


def test_the_configuration_names_the_labels(bert_folder: Path) -> None:
    model = load_model(AutoModelForSequenceClassification, bert_folder, HEAD, seed=1)
    assert model.config.id2label == {0: "a", 1: "b", 2: "c"}
    assert model.config.label2id == {"a": 0, "b": 1, "c": 2}
    assert {value.dtype for value in model.parameters()} == {torch.float32}


def test_half_precision_files_are_loaded_in_float32(copy: Path) -> None:
    weights = {name: value.half() for name, value in load_file(copy / "model.safetensors").items()}
    save_file(weights, copy / "model.safetensors", metadata={"format": "pt"})
    edit_json(copy / "config.json", lambda config: config.update(dtype="float16"))
    model = load_model(AutoModelForSequenceClassification, copy, HEAD, seed=1)
    assert {value.dtype for value in model.parameters()} == {torch.float32}


def test_a_tuned_head_is_kept_or_replaced_by_one_of_another_size(bert_folder: Path, tmp_path: Path) -> None:
    tuned = load_model(AutoModelForSequenceClassification, bert_folder, HEAD, seed=1)
    tuned.save_pretrained(tmp_path)
    kept = load_model(AutoModelForSequenceClassification, tmp_path, None, seed=9)
    assert torch.equal(kept.state_dict()["classifier.weight"], tuned.state_dict()["classifier.weight"])
    assert kept.config.id2label == tuned.config.id2label
    wider = load_model(AutoModelForSequenceClassification, tmp_path, [*HEAD, "d"], seed=1)
    assert wider.state_dict()["classifier.weight"].shape == (4, 32)


def test_a_padding_token_that_the_configuration_lacks_comes_from_the_tokenizer(llama_folder: Path) -> None:
    assert json.loads((llama_folder / "config.json").read_text(encoding="utf-8")).get("pad_token_id") is None
    model = load_model(AutoModelForSequenceClassification, llama_folder, HEAD, seed=1)
    assert model.config.pad_token_id == load_tokenizer(llama_folder).pad_token_id == 1


def test_a_tokenizer_without_a_padding_token_is_refused(copy: Path) -> None:
    edit_json(copy / "tokenizer_config.json", lambda config: config.pop("pad_token"))
    with pytest.raises(ModelError, match="has no padding token") as caught:
        load_tokenizer(copy)
    assert "tokenizer_config.json" in str(caught.value)


def test_a_folder_without_a_tokenizer_is_refused(copy: Path) -> None:
    """`transformers` itself gives a tokenizer to which every word is unknown."""
    (copy / "tokenizer.json").unlink()
    (copy / "tokenizer_config.json").unlink()
    with pytest.raises(ModelError, match="has no tokenizer that can be read: there is no") as caught:
        load_tokenizer(copy)
    assert "put the model's tokenizer.json" in str(caught.value)


@pytest.mark.parametrize("content", ["{no JSON", '{"no": "tokenizer"}'])
def test_a_damaged_tokenizer_is_refused(copy: Path, content: str) -> None:
    (copy / "tokenizer.json").write_text(content, encoding="utf-8")
    with pytest.raises(ModelError, match="has no tokenizer that can be read"):
        load_tokenizer(copy)


def test_a_slow_tokenizer_is_refused(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from transformers import PreTrainedTokenizerFast

    monkeypatch.setattr(PreTrainedTokenizerFast, "is_fast", False)
    with pytest.raises(ModelError, match="has no fast tokenizer"):
        load_tokenizer(copy)


def test_a_blocked_network_hinders_neither_a_starter_nor_a_folder(bert_folder: Path, no_network: list[str]) -> None:
    for name in ("starter:minilm", str(bert_folder)):
        folder = resolve(name, bert_folder).folder
        model = load_model(AutoModelForSequenceClassification, folder, HEAD, seed=1)
        tokens = load_tokenizer(folder)(["the card"], return_tensors="pt")
        assert model.eval()(**tokens).logits.shape == (1, 3)
    assert no_network == []


def test_the_blocked_network_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_network: list[str]) -> None:
    """Shows that the test above could fail: a hub id does try to connect."""
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.delenv("TRANSFORMERS_OFFLINE", raising=False)
    with pytest.raises(ModelError, match="was not found on the hub"):
        resolve("nobody/no-such-model", tmp_path)
    assert no_network != []
