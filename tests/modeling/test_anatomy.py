"""The parts of models of several families."""

from __future__ import annotations

from typing import Any

import pytest

from vocation.errors import TrainingError
from vocation.modeling.anatomy import (
    attention_outputs,
    depths_of,
    feed_forward_outputs,
    head_names,
    keys_and_values,
    layers_of,
    linears_of,
)

SIZES: dict[str, Any] = {"num_hidden_layers": 2, "hidden_size": 32, "num_attention_heads": 2, "intermediate_size": 64}


def model_of(family: str) -> Any:
    import transformers

    config = {
        "DistilBert": {"n_layers": 2, "dim": 32, "n_heads": 2, "hidden_dim": 64},
        "GPT2": {"n_layer": 2, "n_embd": 32, "n_head": 2},
    }.get(family, SIZES)
    vocabulary = {"vocab_size": 60, "pad_token_id": 1}
    special = {"bos_token_id": 1, "eos_token_id": 2, "cls_token_id": 1, "sep_token_id": 2}
    named = special if family in ("ModernBert", "GPT2") else {}
    made = getattr(transformers, f"{family}Config")(**config, **vocabulary, **named)
    return getattr(transformers, f"{family}ForSequenceClassification")(made)


@pytest.mark.parametrize(
    ("family", "names"),
    [
        ("Bert", ("attention.self.key attention.self.value", "attention.output.dense", "output.dense")),
        ("DebertaV2", ("attention.self.key_proj attention.self.value_proj", "attention.output.dense", "output.dense")),
        ("DistilBert", ("attention.k_lin attention.v_lin", "attention.out_lin", "ffn.lin2")),
        ("Electra", ("attention.self.key attention.self.value", "attention.output.dense", "output.dense")),
        ("GPT2", ("", "attn.c_proj", "mlp.c_proj")),
        ("Llama", ("self_attn.k_proj self_attn.v_proj", "self_attn.o_proj", "mlp.down_proj")),
        ("ModernBert", ("", "attn.Wo", "mlp.Wo")),
        ("Qwen2", ("self_attn.k_proj self_attn.v_proj", "self_attn.o_proj", "mlp.down_proj")),
    ],
)
def test_layers_and_their_maps_are_found(family: str, names: tuple[str, str, str]) -> None:
    model = model_of(family)
    layers, linears = layers_of(model), linears_of(model)
    assert [name.rpartition(".")[2] for name in layers] == ["0", "1"]
    found = [
        keys_and_values(linears),
        attention_outputs(linears, 32),
        feed_forward_outputs(linears, 32),
    ]
    for maps, expected in zip(found, names, strict=True):
        inside = [
            linear.name.removeprefix(f"{name}.") for name in layers for linear in maps if name + "." in linear.name
        ]
        assert inside == expected.split() * 2


@pytest.mark.parametrize("family", ["Bert", "DebertaV2", "DistilBert", "Electra", "GPT2", "Llama", "ModernBert"])
def test_depths_go_from_the_embeddings_to_the_head(family: str) -> None:
    model = model_of(family)
    depths = depths_of(model)
    assert set(depths) == {name for name, _ in model.named_parameters()}
    embedding = model.get_input_embeddings().weight
    assert {depths[name] for name, value in model.named_parameters() if value is embedding} == {0}
    assert {depths[name] for name in head_names(model)} == {3}
    for depth, layer in enumerate(layers_of(model), start=1):
        assert {value for name, value in depths.items() if name.startswith(f"{layer}.")} == {depth}
    assert {depths[name] for name in depths if "rel_embeddings" in name or "wpe" in name} <= {0}
    assert {depths[name] for name in depths if name.endswith(("ln_f.weight", "model.norm.weight"))} <= {3}


def test_a_model_that_uses_one_layer_several_times_is_refused() -> None:
    from transformers import AlbertConfig, AlbertForSequenceClassification

    model = AlbertForSequenceClassification(AlbertConfig(vocab_size=60, embedding_size=16, **SIZES))
    with pytest.raises(TrainingError, match=r"layers of a albert model cannot be told apart.*\n.*another model"):
        layers_of(model)
