"""Layers built as BERT's are recognised, computed in another way while they train, and given back."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from transformers import AutoConfig, AutoModel

from vocation.training import engine
from vocation.training.compiled import encoder_layers
from vocation.training.compiled.encoder_bert import layers_of, release, replace

SIZES = {
    "hidden_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 3,
    "intermediate_size": 40,
    "vocab_size": 60,
    "embedding_size": 24,
}
ALIKE = ["bert", "roberta", "xlm-roberta", "electra"]
OTHERS: list[tuple[str, dict[str, Any]]] = [
    ("bert", {"hidden_act": "relu"}),
    ("bert", {"is_decoder": True}),
    ("bert", {"chunk_size_feed_forward": 2}),
    ("deberta-v2", {}),
    ("modernbert", {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "cls_token_id": 1, "sep_token_id": 2}),
    ("albert", {}),
]


class Holder(torch.nn.Module):
    """Stands for a model with a head, which has its body as `base_model`."""

    def __init__(self, body: Any) -> None:
        super().__init__()
        self.body = body

    @property
    def base_model(self) -> Any:
        return self.body


def body(model_type: str = "bert", **changes: Any) -> Any:
    torch.manual_seed(1)
    known = AutoConfig.for_model(model_type)
    sizes = {name: value for name, value in SIZES.items() if hasattr(known, name)}
    return AutoModel.from_config(AutoConfig.for_model(model_type, **{**sizes, **changes}))


def batch() -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(2)
    lengths = torch.tensor([9, 4, 7])
    ids = torch.randint(5, 60, (3, 9), generator=generator)
    mask = (torch.arange(9) < lengths.unsqueeze(1)).long()
    return {"input_ids": ids * mask, "attention_mask": mask}


def gradients(model: Any, tensors: dict[str, torch.Tensor]) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """What a model without dropout gives for the tokens that there are, and the gradients of a sum of it."""
    model.zero_grad()
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    result = model(**tensors).last_hidden_state[tensors["attention_mask"].bool()]
    (result * torch.linspace(-1, 1, result.numel()).view(result.shape)).sum().backward()
    return result.detach(), {name: value.grad for name, value in model.named_parameters() if value.grad is not None}


@pytest.mark.parametrize("model_type", ALIKE)
def test_layers_built_alike_give_the_same_and_learn_the_same(model_type: str) -> None:
    model, tensors = body(model_type).train(), batch()
    expected, of_weights = gradients(model, tensors)
    layers = layers_of(Holder(model))
    assert layers == list(model.encoder.layer)
    for layer in layers:
        replace(layer)
    found, of_fast = gradients(model, tensors)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)
    assert of_fast.keys() == of_weights.keys()
    for name, gradient in of_weights.items():
        torch.testing.assert_close(of_fast[name], gradient, rtol=1e-4, atol=1e-5, msg=name)
    for layer in layers:
        release(layer)
    assert all("forward" not in vars(layer) for layer in model.encoder.layer)


@pytest.mark.parametrize(("model_type", "changes"), OTHERS)
def test_other_layers_are_not_recognised(model_type: str, changes: dict[str, Any]) -> None:
    assert layers_of(Holder(body(model_type, **changes))) == []


def test_a_layer_with_something_added_is_left_alone() -> None:
    model = body()
    model.encoder.layer[0].output.dense = torch.nn.Sequential(model.encoder.layer[0].output.dense)
    assert layers_of(Holder(model)) == [model.encoder.layer[1]]


def computed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Counts the layers that are computed in the other way."""
    counted: list[int] = []
    ordinary = encoder_layers._attend

    def attend(*given: Any) -> Any:
        counted.append(1)
        return ordinary(*given)

    monkeypatch.setattr(encoder_layers, "_attend", attend)
    return counted


def replaced(**changes: Any) -> Any:
    model = body(**changes).train()
    for layer in layers_of(Holder(model)):
        replace(layer)
    return model


def test_it_is_for_training_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    counted, model = computed(monkeypatch), replaced()
    model(**batch())
    assert len(counted) == 2
    model.eval()(**batch())
    assert len(counted) == 2


def test_who_looks_into_a_layer_sees_what_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    counted, model = computed(monkeypatch), replaced()
    seen: list[Any] = []
    handle = model.encoder.layer[0].attention.self.key.register_forward_hook(lambda *given: seen.append(given))
    model(**batch())
    assert (len(seen), len(counted)) == (1, 1)
    handle.remove()
    model(**batch())
    assert (len(seen), len(counted)) == (1, 3)


def test_texts_padded_in_front_go_the_ordinary_way(monkeypatch: pytest.MonkeyPatch) -> None:
    counted, model, tensors = computed(monkeypatch), replaced(), batch()
    front = {name: tensor.flip(1) for name, tensor in tensors.items()}
    plain = body().train()
    assert not counted
    torch.testing.assert_close(gradients(model, front)[0], gradients(plain, front)[0])
    assert not counted


def test_double_precision_goes_the_ordinary_way(monkeypatch: pytest.MonkeyPatch) -> None:
    counted, model = computed(monkeypatch), replaced().double()
    assert model(**batch()).last_hidden_state.dtype == torch.float64
    assert not counted


def test_dropout_differs_from_pass_to_pass_and_follows_the_seed() -> None:
    model, tensors = replaced(), batch()
    torch.manual_seed(3)
    first, second = (model(**tensors).last_hidden_state for _ in range(2))
    torch.manual_seed(3)
    again = model(**tensors).last_hidden_state
    assert not torch.equal(first, second)
    assert torch.equal(first, again)


def test_what_gives_other_numbers_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    ordinary = encoder_layers.feed_forward
    monkeypatch.setattr("vocation.training.compiled.encoder_bert.feed_forward", lambda *given: ordinary(*given) * 1.01)
    model = Holder(body().train())
    assert engine._layers(model) == ()  # type: ignore[arg-type]
    assert all("forward" not in vars(layer) for layer in model.body.encoder.layer)
