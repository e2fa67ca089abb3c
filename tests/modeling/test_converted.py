"""A GGUF file becomes a folder that is read as any other: once, whole, with the same weights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from vocation.artifacts import hash_file
from vocation.modeling import converted as module
from vocation.modeling.converted import cache_folder, converted
from vocation.modeling.pretrained import load_model, load_tokenizer, resolve

WORDS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", *"abcdefgh", "Ġ", "Ċ", *"0123456789", "ab", "Ġa", "ĊĊ"]
MERGES = ["a b", "Ġ a", "Ċ Ċ"]
TEMPLATE = "{% for message in messages %}<|im_start|>{{ message['content'] }}<|im_end|>{% endfor %}"
WIDTH, INNER, LAYERS, HEADS, GROUPS = 32, 64, 2, 4, 2


@pytest.fixture(scope="module")
def weights() -> dict[str, np.ndarray[Any, np.dtype[np.float32]]]:
    """Of a tiny Llama, by the names of GGUF."""
    generator = np.random.default_rng(1)
    sizes: dict[str, tuple[int, ...]] = {"token_embd": (len(WORDS), WIDTH), "output_norm": (WIDTH,)}
    for layer in range(LAYERS):
        own: dict[str, tuple[int, ...]] = {
            "attn_q": (WIDTH, WIDTH),
            "attn_k": (WIDTH // 2, WIDTH),
            "attn_v": (WIDTH // 2, WIDTH),
        }
        own |= {"attn_output": (WIDTH, WIDTH), "attn_norm": (WIDTH,), "ffn_norm": (WIDTH,)}
        own |= {"ffn_gate": (INNER, WIDTH), "ffn_up": (INNER, WIDTH), "ffn_down": (WIDTH, INNER)}
        sizes |= {f"blk.{layer}.{name}": size for name, size in own.items()}
    return {f"{name}.weight": generator.normal(size=size).astype(np.float32) for name, size in sizes.items()}


@pytest.fixture(scope="module")
def gguf_file(tmp_path_factory: pytest.TempPathFactory, weights: dict[str, Any]) -> Path:
    """The weights as a GGUF file, half of them quantised."""
    from gguf import GGMLQuantizationType, GGUFWriter
    from gguf.quants import quantize

    path = tmp_path_factory.mktemp("gguf") / "Tiny.Q8_0.gguf"
    writer = GGUFWriter(path, "llama")
    writer.add_context_length(64)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(GROUPS)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_rope_freq_base(10000.0)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(WORDS))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(WORDS)
    writer.add_token_types([3, 3, 3] + [1] * (len(WORDS) - 3))
    writer.add_token_merges(MERGES)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_pad_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_chat_template(TEMPLATE)
    for name, values in weights.items():
        if "ffn" in name and values.ndim == 2:
            kind = GGMLQuantizationType.Q8_0
            writer.add_tensor(name, quantize(values, kind), raw_dtype=kind)
        else:
            writer.add_tensor(name, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.fixture
def convert(gguf_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Path]:
    """Converts the file into a cache of the test's own."""
    monkeypatch.setenv("VOCATION_CACHE", str(tmp_path / "cache"))
    return lambda: converted(gguf_file, hash_file(gguf_file))


def test_the_folder_is_read_as_any_local_model(
    convert: Callable[[], Path], weights: dict[str, Any], no_network: list[str]
) -> None:
    from transformers import AutoModelForCausalLM

    folder = convert()
    assert resolve(str(folder), Path()).folder == folder.resolve()
    model: Any = load_model(AutoModelForCausalLM, folder, None, 1)
    assert not hasattr(model.config, "quantization_config")
    assert model.config.num_key_value_heads == GROUPS
    exact = model.model.layers[1].self_attn.v_proj.weight.detach().numpy()
    np.testing.assert_array_equal(exact, weights["blk.1.attn_v.weight"])
    rounded = model.model.layers[0].mlp.up_proj.weight.detach().numpy()
    error = np.abs(rounded - weights["blk.0.ffn_up.weight"]).max()
    assert 0 < error < 0.02
    assert model.lm_head.weight is model.model.embed_tokens.weight
    assert no_network == []


def test_the_tokenizer_comes_along_with_its_template_and_takes_each_digit_for_itself(
    convert: Callable[[], Path],
) -> None:
    tokenizer: Any = load_tokenizer(convert())
    laid_out = tokenizer.apply_chat_template([{"role": "user", "content": "ab"}], tokenize=False)
    assert laid_out == "<|im_start|>ab<|im_end|>"
    assert tokenizer.convert_ids_to_tokens(tokenizer(laid_out + "\n\n10 a")["input_ids"]) == [
        "<|im_start|>",
        "ab",
        "<|im_end|>",
        "ĊĊ",
        "1",
        "0",
        "Ġa",
    ]
    assert tokenizer.model_max_length == 64
    assert tokenizer.pad_token == "<|im_end|>"


def test_it_is_made_once_and_kept_under_the_hash_of_its_source(
    convert: Callable[[], Path], gguf_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = convert()
    assert hash_file(gguf_file)[:16] in folder.name
    assert folder.is_relative_to(cache_folder())
    monkeypatch.setattr(module, "_convert", lambda *_: pytest.fail("made again"))
    assert convert() == folder
    with pytest.raises(pytest.fail.Exception, match="made again"):
        converted(gguf_file, "0" * 64)


def test_what_a_killed_process_left_is_no_model(convert: Callable[[], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    real = module._convert

    def killed(file: Path, folder: Path) -> None:
        folder.mkdir(parents=True)
        (folder / "config.json").write_text("half", encoding="utf-8")
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "_convert", killed)
    with pytest.raises(KeyboardInterrupt):
        convert()
    assert not [path for path in cache_folder().glob("models/*") if path.suffix not in {".lock", ".partial"}]
    monkeypatch.setattr(module, "_convert", real)
    assert (convert() / "config.json").read_text(encoding="utf-8") != "half"
    assert not list(cache_folder().glob("models/*.partial"))


def test_where_the_cache_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("VOCATION_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert cache_folder() == tmp_path / ".cache" / "vocation"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "shared"))
    assert cache_folder() == tmp_path / "shared" / "vocation"
    monkeypatch.setenv("VOCATION_CACHE", "~/own")
    assert cache_folder() == tmp_path / "own"


def test_weights_are_the_ones_that_transformers_reads(convert: Callable[[], Path], gguf_file: Path) -> None:
    """The same logits, so that no layer was left out or turned round."""
    from transformers import AutoModelForCausalLM

    source: Any = AutoModelForCausalLM.from_pretrained(
        gguf_file.parent, gguf_file=gguf_file.name, dtype=torch.float32
    ).eval()
    model: Any = load_model(AutoModelForCausalLM, convert(), None, 1).eval()
    ids = torch.arange(3, 15).unsqueeze(0)
    assert torch.equal(model(input_ids=ids).logits, source(input_ids=ids).logits)
