"""The diagonal of the Fisher information: how much each weight matters for what a model says.

Shapes: N positions of an example (one text, or its tokens), L labels of the head.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import torch

    from vocation.training.objective import Scores

FISHER, ANCHORS = "fisher.safetensors", "anchors.safetensors"
"""Files of an artifact: the diagonal of the Fisher information, and the weights that it belongs to, by name."""
FisherLabels = Literal["sampled", "gold"]
"""Of which labels the likelihood is taken: `sampled` from the model's own predictions, which estimates the Fisher
information, or the `gold` ones, which gives the empirical Fisher."""


def diagonal_fisher(
    model: torch.nn.Module,
    parameters: Mapping[str, torch.Tensor],
    examples: Iterable[Mapping[str, torch.Tensor]],
    scores: Scores,
    labels: FisherLabels = "sampled",
    done: Callable[[int], Any] | None = None,
) -> dict[str, torch.Tensor]:
    """F_i = 1/E · Σ_e (∂ log p(y_e | x_e) / ∂θ_i)², the mean over E examples of squared gradients, by name.

    The log-likelihood of an example is the sum over its N positions. With `sampled` labels each y is drawn from the
    model's p(y | x), which makes F an unbiased estimate of the diagonal of the Fisher information, the curvature that
    elastic weight consolidation needs (Kirkpatrick et al., 2017). With `gold` labels it is the empirical Fisher, which
    is no such estimate: where the model fits its training rows its gradients vanish, whatever the curvature (Kunstner
    et al., 2019).

    Gradients are those of single examples: the square of a batch's mean gradient would be something else.

    Args:
        model: put into evaluation mode, so that nothing is dropped out.
        parameters: of the model, by name.
        examples: tensors of one example each, as batches hold them; those without a target are passed over.
        scores: the task's logits [N, L] and targets [N].
        labels: of which the likelihood is taken.
        done: told 1 after each example.

    Raises:
        ValueError: no example has a target.
    """
    import torch
    from torch.nn import functional

    model.eval()
    values = list(parameters.values())
    totals = [torch.zeros_like(value) for value in values]
    generator = torch.Generator(values[0].device)  # Of a fixed seed, whatever was drawn before.
    count = 0
    with _sparse_embeddings(model):
        for example in examples:
            logits, classes = scores(model, example)
            if len(classes):
                if labels == "sampled":
                    classes = torch.multinomial(logits.detach().softmax(-1), 1, generator=generator).squeeze(1)
                likelihood = -functional.cross_entropy(logits, classes, reduction="sum")
                gradients = torch.autograd.grad(likelihood, values, allow_unused=True)
                for total, gradient in zip(totals, gradients, strict=True):
                    _add_squares(total, gradient)
                count += 1
            if done:
                done(1)
    if not count:
        raise ValueError("no example has a target, so there is no likelihood to take gradients of")
    return {name: total / count for name, total in zip(parameters, totals, strict=True)}


def _add_squares(total: torch.Tensor, gradient: torch.Tensor | None) -> None:
    if gradient is None:
        return
    if gradient.is_sparse:
        rows = gradient.coalesce()
        total[rows.indices()[0]] += rows.values() ** 2
    else:
        total.addcmul_(gradient, gradient)


@contextmanager
def _sparse_embeddings(model: torch.nn.Module) -> Iterator[None]:
    """Of a table of tokens the gradient is that of the few rows that an example reads, not zeros of the whole table."""
    from torch.nn import Embedding

    dense = [module for module in model.modules() if isinstance(module, Embedding) and not module.sparse]
    for module in dense:
        module.sparse = True
    try:
        yield
    finally:
        for module in dense:
            module.sparse = False
