"""Who else has a say in a module that the engine would compute in another way."""

from __future__ import annotations

from typing import Any

_HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")


def is_hooked(module: Any) -> bool:
    """Whether somebody wants to see or change what goes through a module, forward or backward."""
    return any(getattr(module, name) for name in _HOOKS)


def is_replaced(module: Any) -> bool:
    """Whether somebody has put a function in the place of what its class computes."""
    return "forward" in vars(module)
