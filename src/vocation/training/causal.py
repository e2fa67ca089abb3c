"""What is minimised when a causal language model learns to answer: the cross-entropy of the tokens of the answers.

Of a batch [B, T] the model's states are computed for every token, its logits only where a target is: most tokens of a
long question are none. Where the engine is installed, examples are packed (`training.packing`), and where the loss is
plain cross-entropy, the logits are never held all at once (`training.chunked_cross_entropy`).
Shapes: B examples, T tokens of the longest, M targets, D width, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from vocation.training.objective import Objective, Outcome, cross_entropy, objective_of

if TYPE_CHECKING:
    import torch

    from vocation.training.objective import PointLoss

_IGNORED = -100
_PLAIN: WeakKeyDictionary[Any, bool] = WeakKeyDictionary()
"""Of models that were asked for it, whether their logits are plain."""


def next_token_targets(ids: NDArray[np.int64], learned: NDArray[np.bool_]) -> tuple[NDArray[np.int64], ...]:
    """What a model reads of a text, [T − 1], and at each place the token that follows, -100 where it is not learned.

    Args:
        ids: tokens of the text, [T].
        learned: which of them are learned, such as those of answers, [T]; the first never is.
    """
    return ids[:-1], np.where(learned[1:], ids[1:], _IGNORED)


def causal_objective(model: Any, point_loss: PointLoss | None = None) -> Objective:
    """The objective that sums the loss of all targets.

    A batch has `input_ids`, `attention_mask` and `targets`, each [B, T], the latter as `next_token_targets` gives them.

    Args:
        model: a causal language model of transformers, on its device.
        point_loss: cross-entropy unless given; any other needs the logits [M, V] of all targets at once.
    """
    objective = objective_of(scores, point_loss)
    if point_loss not in (None, cross_entropy) or not _has_plain_head(model):
        return objective

    def run(model: Any, batch: Mapping[str, torch.Tensor]) -> Outcome:
        from vocation.training.chunked_cross_entropy import chunked_cross_entropy

        hidden, classes = states(model, batch)
        head = model.get_output_embeddings()
        loss = chunked_cross_entropy(hidden, head.weight, classes)
        logits: Any = partial(head, hidden)  # Called by whoever asks for them.
        return Unprojected(loss, classes.new_tensor(len(classes)), logits, classes)

    return replace(objective, run=run)


class Unprojected(Outcome):
    """An outcome whose logits are computed when somebody asks for them; until then a function stands in their place."""

    @property
    def logits(self) -> torch.Tensor:
        """[M, V]."""
        compute: Any = tuple.__getitem__(self, Outcome._fields.index("logits"))
        result: torch.Tensor = compute()
        return result


def scores(model: Any, batch: Mapping[str, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    """Logits [M, V] and targets [M].

    Args:
        model: a causal language model of transformers.
        batch: as in `causal_objective`.
    """
    from vocation.training.packing import padded_behind

    if _has_plain_head(model):
        hidden, classes = states(model, batch)
        return model.get_output_embeddings()(hidden), classes
    batch = padded_behind(batch)
    inputs = {name: tensor for name, tensor in batch.items() if name != "targets"}
    learned = batch["targets"] != _IGNORED
    return model(**inputs, use_cache=False).logits[learned], batch["targets"][learned]


def states(model: Any, batch: Mapping[str, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    """What the head reads where a target is, [M, D], and the targets, [M].

    Args:
        model: a causal language model of transformers.
        batch: as in `causal_objective`.
    """
    from vocation.training.packing import fits, pack, padded_behind

    watched = _is_watched(model.get_decoder()) or _is_watched(model.get_input_embeddings())
    if reads_packed(model) and fits(batch) and not watched:  # Who changes what goes in expects examples in rows.
        from vocation.training.compiled.causal_attention import packed_inputs

        packed = pack(batch)
        hidden = model.get_decoder()(**packed_inputs(packed), use_cache=False).last_hidden_state[0]
        if len(hidden) != len(packed.rows):  # Otherwise the last layer gave these rows alone.
            hidden = hidden[packed.rows]
        return hidden, packed.classes
    batch = padded_behind(batch)
    inputs = {name: tensor for name, tensor in batch.items() if name != "targets"}
    learned = batch["targets"] != _IGNORED
    hidden = model.get_decoder()(**inputs, use_cache=False).last_hidden_state  # [B, T, D]
    return hidden[learned], batch["targets"][learned]


def _has_plain_head(model: Any) -> bool:
    """Whether the logits are the product of the states with the head's weights, and nothing else is done to them."""
    import torch

    head: Any = model.get_output_embeddings()
    if type(head) is not torch.nn.Linear or getattr(head, "bias", None) is not None or _is_watched(head):
        return False
    if model not in _PLAIN:
        ids, was_training = torch.arange(3, device=head.weight.device).unsqueeze(0), model.training
        model.eval()
        with torch.no_grad():
            product = head(model.get_decoder()(input_ids=ids, use_cache=False).last_hidden_state)
            logits = model(input_ids=ids, use_cache=False).logits
        model.train(was_training)
        _PLAIN[model] = bool(torch.allclose(product, logits, rtol=1e-3, atol=1e-4))
    return _PLAIN[model]


def _is_watched(module: Any) -> bool:
    """Whether somebody has hooked into a module, other than to have layers computed twice to save memory."""
    hooks = [*module._forward_hooks.values(), *module._forward_pre_hooks.values()]  # noqa: SLF001 - there is no public way
    return any(getattr(hook, "__name__", "") != "make_inputs_require_grads" for hook in hooks)


def reads_packed(model: Any) -> bool:
    """Whether the engine for causal models is installed."""
    from vocation.training.compiled.causal_attention import NAME

    return bool(model.config._attn_implementation == NAME)  # noqa: SLF001 - there is no public way to ask
