"""How a stage tells whoever called it how far it is; it never prints by itself.

The command line passes bars for a terminal or plain lines for a pipe; the Python API passes `SILENT`.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol


class Bar(Protocol):
    """One piece of work of known or unknown size."""

    def advance(self, amount: int, status: str = "") -> None:
        """Counts `amount` more units as done and shows `status`, such as the present loss, beside the bar."""


class Progress(Protocol):
    """Where a stage reports to."""

    def note(self, message: str) -> None:
        """One line that stays on the screen. Never private text."""

    def bar(self, description: str, total: int | None, unit: str, done: int = 0) -> AbstractContextManager[Bar]:
        """A bar of `total` units (None when unknown), of which `done` were finished in an earlier run."""


class _Silent:
    def note(self, message: str) -> None:
        return None

    def bar(self, description: str, total: int | None, unit: str, done: int = 0) -> AbstractContextManager[Bar]:
        return nullcontext(self)

    def advance(self, amount: int, status: str = "") -> None:
        return None


SILENT: Progress = _Silent()
"""Shows nothing."""
