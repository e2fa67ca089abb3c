"""FGM: its formula by a loop over the texts, and what the norm must not depend on."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.strategies.still import PARTS, LogitsOf, Records, Still, context, cross_entropies, differ, slope
from tests.strategies.training import trial
from vocation.strategies.fgm import Fgm
from vocation.strategies.full import Full
from vocation.tasks.classification import Classification

FGM = Fgm(epsilon=0.7, weight=1.5)


def twin(logits_of: LogitsOf, embeddings: torch.Tensor) -> torch.Tensor:
    """L(x) + 1.5 · L(x + 0.7 · g / ‖g‖₂) of one text."""
    at = embeddings.detach().requires_grad_()
    gradient = slope(cross_entropies(*logits_of(at)), at)
    moved = embeddings + 0.7 * gradient / torch.linalg.vector_norm(gradient)
    return cross_entropies(*logits_of(embeddings)) + 1.5 * cross_entropies(*logits_of(moved))


def test_it_is_the_formula_text_by_text_however_the_update_is_divided(each_still: Still) -> None:
    expected = each_still.twin(twin, range(6))
    for parts in PARTS:
        found = each_still.gradients(FGM.wrap(each_still.objective(), context()), parts)
        assert differ(found, expected) < each_still.exact
    plain, _ = each_still.gradients(each_still.objective(), PARTS[0])
    assert expected[0] > 2.5 * plain + 1e-2, "moved texts are harder"
    without = Fgm(epsilon=1e-9, weight=1.5).wrap(each_still.objective(), context())
    assert differ(each_still.gradients(without, PARTS[0]), expected) > 1e-2


def test_one_norm_over_the_whole_batch_would_be_another_loss(texts: Still) -> None:
    """Shows that the test above sees the usual mistake."""
    batch = texts.batch(range(8))
    looked_up = texts.model.get_input_embeddings()(batch["input_ids"]).detach().requires_grad_()
    rest = {name: value for name, value in batch.items() if name not in ("input_ids", "targets")}
    classes = batch["targets"].flatten()
    gradient = slope(cross_entropies(texts.model(inputs_embeds=looked_up, **rest).logits, classes), looked_up)
    moved = looked_up + 0.7 * gradient / gradient.norm()
    mistaken = cross_entropies(texts.model(inputs_embeds=moved, **rest).logits, classes).item()
    right, _ = texts.twin(twin, range(8))
    plain, _ = texts.gradients(texts.objective(), [range(8)])
    assert abs(plain + 1.5 * mistaken - right) > 1e-2


def test_padding_is_not_moved(texts: Still) -> None:
    seen: list[torch.Tensor] = []
    texts.model.get_input_embeddings().register_forward_hook(
        lambda module, arguments, output: seen.append(output.detach().clone()), always_call=True
    )
    hooked = texts.model.base_model.embeddings.LayerNorm.register_forward_pre_hook(
        lambda module, arguments: seen.append(arguments[0].detach().clone())
    )
    texts.gradients(FGM.wrap(texts.objective(), context()), [range(8)])
    hooked.remove()
    clean, worst = seen[1], seen[3]
    mask = texts.batch(range(8))["attention_mask"].bool()
    assert not mask.all()
    assert torch.equal(clean[~mask], worst[~mask])
    sizes = (worst - clean).square().sum((1, 2)).sqrt()
    torch.testing.assert_close(sizes, torch.full_like(sizes, 0.7), atol=1e-12, rtol=0)


def test_both_passes_have_the_same_dropout_masks(texts: Still) -> None:
    for module in texts.model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.3
    plain, _ = texts.gradients(texts.objective(), [range(8)])
    after_one = torch.rand(1)
    found, _ = texts.gradients(Fgm(epsilon=1e-12).wrap(texts.objective(), context()), [range(8)])
    assert found == pytest.approx(2 * plain, abs=1e-9)
    assert torch.equal(torch.rand(1), after_one), "what is drawn next does not depend on how many passes there were"


def test_both_passes_of_the_engine_have_the_same_masks(bert_folder: Path, intents: Records) -> None:
    plain, twice = (
        trial(bert_folder, Classification(), intents(16, 1), [*given]) for given in ([Full()], [Fgm(epsilon=1e-9)])
    )
    assert twice.learn(1)[0].loss == pytest.approx(2 * plain.learn(1)[0].loss, abs=1e-5)


def test_a_text_without_targets_stays_where_it_is(each_still: Still) -> None:
    silent = each_still.batch(range(3))
    silent["targets"][0] = -100
    objective = FGM.wrap(each_still.objective(), context())
    assert torch.isfinite(objective(each_still.model, silent).loss)
    silent["targets"][:] = -100
    assert objective(each_still.model, silent).loss.item() == 0


def test_it_trains_with_accumulation_and_in_bfloat16(bert_folder: Path, intents: Records) -> None:
    losses = {}
    for precision in ("float32", "bfloat16"):
        taught = trial(bert_folder, Classification(), intents(16, 1), [Fgm()], precision=precision, token_budget=40)
        losses[precision] = [step.loss for step in taught.learn(3)]
    assert losses["bfloat16"] == pytest.approx(losses["float32"], rel=0.1)
    assert losses["bfloat16"] != losses["float32"]
