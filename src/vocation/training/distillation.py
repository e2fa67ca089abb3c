"""Knowledge distillation: a student learns what a teacher thinks of every label.

Shapes: N positions that are learned from, L labels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def soft_target_loss(student: torch.Tensor, teacher: torch.Tensor, temperature: float) -> torch.Tensor:
    """T² · KL(p ‖ q) of each position, [N], with p = softmax(teacher / T) and q = softmax(student / T).

    KL(p ‖ q) = Σ_l p_l · (log p_l − log q_l). A high temperature shows the student how the teacher ranks the wrong
    labels. Gradients of the soft part shrink as 1 / T², so that T² keeps its weight beside the hard labels when the
    temperature changes (Hinton, Vinyals & Dean, 2015, section 2). Hinton et al. write the cross-entropy of p and q,
    which has the same gradient.

    Args:
        student: logits [N, L].
        teacher: logits [N, L] in the same order of labels.
        temperature: T, above 0.
    """
    wide_student, wide_teacher = (
        logits.float() if logits.dtype.itemsize < 4 else logits for logits in (student, teacher)
    )
    log_q = (wide_student / temperature).log_softmax(-1)
    log_p = (wide_teacher / temperature).log_softmax(-1)
    return temperature**2 * (log_p.exp() * (log_p - log_q)).sum(-1)
