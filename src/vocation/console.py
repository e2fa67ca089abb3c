"""What a person sees while a run goes on: bars on a terminal, plain lines in a pipe or a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TextIO

from vocation.progress import Bar, Progress

_SECONDS_BETWEEN_LINES = 10.0
_KILOBYTES = 1024  # of a megabyte


def progress_for(stream: TextIO | None = None) -> Progress:
    """Bars where the stream (standard error, unless given) is a terminal, lines where it is not."""
    stream = stream or sys.stderr
    return _Terminal() if stream.isatty() else _Lines(stream)


class _Terminal:
    """Bars with the rate and the time left, drawn by rich on standard error."""

    def __init__(self) -> None:
        from rich.console import Console

        self._console = Console(stderr=True)

    def note(self, message: str) -> None:
        self._console.print(f"  {message}", highlight=False, markup=False)

    @contextmanager
    def bar(self, description: str, total: int | None, unit: str, done: int = 0) -> Iterator[Bar]:
        from rich import progress as rich

        columns = (
            rich.TextColumn("  {task.description}"),
            rich.BarColumn(bar_width=28),
            rich.MofNCompleteColumn(),
            rich.TextColumn("{task.fields[rate]}"),
            rich.TimeRemainingColumn(elapsed_when_finished=True),
            rich.TextColumn("{task.fields[status]}"),
        )
        with rich.Progress(*columns, console=self._console, transient=False) as display:
            task = display.add_task(description, total=total, completed=done, rate="", status="")
            clock, count = time.monotonic(), _Count(unit, total, done)

            class Advance:
                def advance(self, amount: int, status: str = "") -> None:
                    count.done += amount
                    rate = _speed(count.rate(time.monotonic() - clock), unit, 0)
                    display.update(task, advance=amount, rate=rate, status=status)

            yield Advance()


@dataclass
class _Count:
    unit: str
    total: int | None
    start: int
    done: int = field(init=False)

    def __post_init__(self) -> None:
        self.done = self.start

    def rate(self, seconds: float) -> float:
        return (self.done - self.start) / max(seconds, 1e-9)

    def line(self, seconds: float) -> str:
        rate = self.rate(seconds)
        parts = [f"{self.done:,}" + (f"/{self.total:,}" if self.total is not None else "") + f" {self.unit}"]
        parts.append(_speed(rate, self.unit, 1))
        if self.total is not None and self.done < self.total and rate > 0:
            parts.append(f"{_duration((self.total - self.done) / rate)} left")
        return ", ".join(parts)


class _Lines:
    """One line now and then; nothing that a log file would not show well."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def note(self, message: str) -> None:
        print(f"  {message}", file=self._stream, flush=True)

    @contextmanager
    def bar(self, description: str, total: int | None, unit: str, done: int = 0) -> Iterator[Bar]:
        clock = last = time.monotonic()
        count, shown = _Count(unit, total, done), ""
        note = self.note

        class Advance:
            def advance(self, amount: int, status: str = "") -> None:
                nonlocal last, shown
                count.done += amount
                shown = f", {status}" if status else shown
                now = time.monotonic()
                if now - last >= _SECONDS_BETWEEN_LINES and count.done != count.total:
                    last = now
                    note(f"{description}: {count.line(now - clock)}{shown}")

        yield Advance()
        seconds = time.monotonic() - clock
        note(f"{description}: {count.line(seconds)}{shown}, took {_duration(seconds)}")


def _speed(rate: float, unit: str, digits: int) -> str:
    """Units a second, with so many digits behind the point; of kilobytes megabytes, where they are as many."""
    if unit == "KB" and rate >= _KILOBYTES:
        return f"{rate / _KILOBYTES:,.1f} MB/s"
    return f"{rate:,.{digits}f} {unit}/s"


def _duration(seconds: float) -> str:
    """Minutes and seconds, or hours and minutes, as a person would write them."""
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.1f} s" if whole < 10 else f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"
