"""What a person sees of progress: lines in a pipe, bars on a terminal, nothing from library calls."""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest

from tests.projects import environment
from vocation import console
from vocation.progress import SILENT, Progress

DRIVER = """
from vocation.console import progress_for
progress = progress_for()
progress.note("corpus: [reading] rows")
with progress.bar("tuning", 200, "texts", 50) as bar:
    for step in range(3):
        bar.advance(25, f"loss {step}.5")
"""


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that the console reads; a test moves it."""
    now = [100.0]
    monkeypatch.setattr(console, "time", SimpleNamespace(monotonic=lambda: now[0]))
    return now


def lines() -> tuple[Progress, io.StringIO]:
    stream = io.StringIO()
    return console.progress_for(stream), stream


def test_note_is_one_line() -> None:
    progress, stream = lines()
    progress.note("corpus: [reading]")
    assert stream.getvalue() == "  corpus: [reading]\n"


def test_pipe_gets_a_line_now_and_then_with_rate_and_time_left(clock: list[float]) -> None:
    progress, stream = lines()
    with progress.bar("tuning", 4000, "texts") as bar:
        for _ in range(4):
            clock[0] += 6
            bar.advance(600, "loss 0.5")
    assert stream.getvalue().splitlines() == [
        "  tuning: 1,200/4,000 texts, 100.0 texts/s, 28 s left, loss 0.5",
        "  tuning: 2,400/4,000 texts, 100.0 texts/s, 16 s left, loss 0.5",
        "  tuning: 2,400/4,000 texts, 100.0 texts/s, 16 s left, loss 0.5, took 24 s",
    ]


def test_quick_work_gets_one_line_at_its_end(clock: list[float]) -> None:
    progress, stream = lines()
    with progress.bar("reading", 10, "rows") as bar:
        for _ in range(10):
            clock[0] += 0.25
            bar.advance(1)
    assert stream.getvalue() == "  reading: 10/10 rows, 4.0 rows/s, took 2.5 s\n"


def test_work_of_unknown_size_has_a_rate_and_no_time_left(clock: list[float]) -> None:
    progress, stream = lines()
    with progress.bar("reading", None, "rows") as bar:
        clock[0] += 12
        bar.advance(6)
    assert stream.getvalue().splitlines()[0] == "  reading: 6 rows, 0.5 rows/s"


def test_many_kilobytes_a_second_are_told_in_megabytes(clock: list[float]) -> None:
    progress, stream = lines()
    for seconds in (2, 1):
        with progress.bar("reading", 2047, "KB") as bar:
            clock[0] += seconds
            bar.advance(2047, "8 rows")
    slow, fast = stream.getvalue().splitlines()
    assert slow == "  reading: 2,047/2,047 KB, 1,023.5 KB/s, 8 rows, took 2.0 s"
    assert fast == "  reading: 2,047/2,047 KB, 2.0 MB/s, 8 rows, took 1.0 s"


def test_what_an_earlier_run_did_counts_as_done_and_not_into_the_rate(clock: list[float]) -> None:
    progress, stream = lines()
    with progress.bar("tuning", 100, "texts", done=80) as bar:
        clock[0] += 20
        bar.advance(10)
    assert stream.getvalue().splitlines()[0] == "  tuning: 90/100 texts, 0.5 texts/s, 20 s left"


def test_nothing_is_said_of_work_that_failed() -> None:
    progress, stream = lines()

    def fail() -> None:
        with progress.bar("reading", 10, "rows") as bar:
            bar.advance(5)
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        fail()
    assert stream.getvalue() == ""


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.0, "0.0 s"), (9.44, "9.4 s"), (10, "10 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (754, "12 min 34 s"),
     (3600, "1 h 00 min"), (100_000, "27 h 46 min")],
)  # fmt: skip
def test_durations_are_written_as_a_person_would(clock: list[float], seconds: float, words: str) -> None:
    progress, stream = lines()
    with progress.bar("reading", None, "rows"):
        clock[0] += seconds
    assert stream.getvalue().endswith(f", took {words}\n")


def test_pipe_is_plain() -> None:
    done = subprocess.run([sys.executable, "-c", DRIVER], capture_output=True, text=True, check=True, env=environment())
    assert done.stdout == ""
    assert re.fullmatch(
        r"  corpus: \[reading\] rows\n"
        r"  tuning: 125/200 texts, [\d,]+\.\d texts/s, \S+ s left, loss 2\.5, took 0\.\d s\n",
        done.stderr,
    )


def test_terminal_gets_bars_with_rate_and_time_left() -> None:
    shown = on_terminal([sys.executable, "-c", DRIVER])
    assert "\x1b[" in shown, "a bar redraws its line"
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)
    assert "corpus: [reading] rows" in plain
    last = [line for line in re.split(r"[\r\n]+", plain) if "tuning" in line][-1]
    assert re.search(r"tuning ━+.*125/200 [\d,]+ texts/s [\d:-]+ loss 2\.5", last), last


def on_terminal(arguments: list[str]) -> str:
    """What a program writes to a terminal of 120 columns."""
    ours, theirs = pty.openpty()
    variables = {**environment(COLUMNS="120"), "TERM": "xterm"}
    with subprocess.Popen(arguments, stdin=theirs, stdout=theirs, stderr=theirs, env=variables) as process:
        os.close(theirs)
        shown = b""
        while chunk := _read(ours):
            shown += chunk
        os.close(ours)
    assert process.returncode == 0, shown
    return shown.decode()


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 4096)
    except OSError:  # Linux says so when the last program has left the terminal.
        return b""


def test_silent_progress_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    SILENT.note("corpus")
    with SILENT.bar("reading", 10, "rows") as bar:
        bar.advance(5, "loss 0.5")
    captured = capfd.readouterr()
    assert captured == ("", "")
