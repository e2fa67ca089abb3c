"""The page of the corpus benchmarks says what its runs measured."""

from __future__ import annotations

import json
import multiprocessing
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from benchmarks.corpus import cleaning, near_duplicates, page, texts
from benchmarks.corpus.peak import peak_memory

MEGABYTE = 1 << 20


def test_committed_page_is_that_of_the_committed_results() -> None:
    assert page.PAGE.read_text(encoding="utf-8") == page.page()
    assert json.loads(near_duplicates.RESULTS.read_text(encoding="utf-8"))["growth"].keys() == {
        str(size) for size in near_duplicates.SIZES
    }
    assert json.loads(cleaning.RESULTS.read_text(encoding="utf-8"))["systems"].keys() == cleaning.SYSTEMS.keys()


def measured(kept: dict[str, str], dropped: dict[str, str]) -> cleaning.Measured:
    return cleaning.Measured(1.0, 0, kept, dropped)


def test_agreement_counts_what_one_alone_drops_and_why() -> None:
    ours = measured({"1": "x", "2": "y"}, {"3": "too short", "4": "list", "5": "list"})
    theirs = measured({"1": "x", "4": "z", "5": "z"}, {"2": "words", "3": "short"})
    assert cleaning.agreement(ours, theirs) == {
        "both_keep": 1,
        "equal_texts": 1,
        "both_drop": 1,
        "vocation_alone_drops": {"list": 2},
        "datatrove_alone_drops": {"words": 1},
    }


def test_speed_has_the_interval_of_its_runs() -> None:
    agreed: dict[str, Any] = {"both_keep": 7, "equal_texts": 6, "both_drop": 2}
    agreed |= {"vocation_alone_drops": {}, "datatrove_alone_drops": {"words": 1}}
    results = {
        "documents": 12_000,
        "distinct": 5,
        "bytes": 24_000_000,
        "runs": 3,
        "machine": {"cores": 2, "python": "3", "packages": {"datatrove": "1"}},
        "systems": {"vocation": {"seconds": [4.0, 6.0, 12.0], "memory": 5_000_000}},
        "agreement": agreed,
    }
    # 3, 2 and 1 thousand a second: mean 2, standard deviation 1, and t of 0.975 with 2 degrees of freedom is 4.303.
    assert "| vocation | 2.00 | -0.48 to 4.48 | 4.0 | 5 |" in cleaning.page(results)


def test_a_system_whose_first_run_is_long_has_few_runs_in_turn_with_the_others() -> None:
    asked: list[tuple[str, int]] = []

    def run(system: str, number: int) -> cleaning.Measured:
        asked.append((system, number))
        return cleaning.Measured(1.0 if system == "vocation" else cleaning.LONG + 1.0, 0, {}, {})

    found = cleaning.in_turn(run, 4)
    assert {system: len(runs) for system, runs in found.items()} == {"vocation": 4, "datatrove": cleaning.LONG_RUNS}
    assert asked[:4] == [("vocation", 0), ("datatrove", 0), ("vocation", 1), ("datatrove", 1)]


def test_a_killed_benchmark_goes_on_with_what_it_has_measured(tmp_path: Path) -> None:
    folder, about = tmp_path / "scratch", {"documents": "digest", "machine": {"cores": 2}}
    cleaning.prepare(folder, ["one", "two"], about)
    (folder / "vocation-0.json").write_text(json.dumps(asdict(measured({"1": "x"}, {}))), encoding="utf-8")
    (folder / f"{cleaning.RUN}left").mkdir()
    cleaning.prepare(folder, ["one", "two"], about)
    assert not (folder / f"{cleaning.RUN}left").exists()
    known = cleaning.measure("no interpreter is started", "vocation", folder, folder / "vocation-0.json")
    assert known == measured({"1": "x"}, {})
    cleaning.prepare(folder, ["one", "two"], {**about, "documents": "others"})
    assert not (folder / "vocation-0.json").exists()
    with pytest.raises(FileExistsError, match="give another"):
        cleaning.prepare(tmp_path, ["one", "two"], about)


def test_planted_pairs_differ_in_one_word() -> None:
    sentences = [f"sentence {number} has some words that are the same in all of them" for number in range(40)]
    planted, pairs = texts.with_planted_edits(sentences, 10)
    assert len(planted) == 50
    for one, two in pairs:
        words = zip(planted[one].split(), planted[two].split(), strict=True)
        assert sum(first != second for first, second in words) <= 1


def test_documents_with_faults_are_as_many_as_wanted_and_distinct() -> None:
    documents = [f"Document {number} is about something else. {'It goes on. ' * 9}" for number in range(30)]
    made = texts.with_faults(documents, 300)
    assert len(made) == 300
    assert len(set(made)) > 290
    assert sum("@example.org" in text for text in made) >= 1
    assert sum(text.startswith("•") for text in made) >= 1


def test_peak_memory_is_what_was_taken_and_given_back() -> None:
    with peak_memory() as small:
        pass
    with peak_memory() as large:
        block = bytearray(40 * MEGABYTE)
        del block
    assert small.own < 10 * MEGABYTE
    assert 39 * MEGABYTE <= large.own < 60 * MEGABYTE  # A page or two were there already.


def hold(started: Any) -> None:
    block = bytearray(60 * MEGABYTE)
    started.set()
    time.sleep(30)
    del block


@pytest.mark.timeout(60)
def test_peak_memory_has_that_of_other_processes() -> None:
    context = multiprocessing.get_context("spawn")
    started = context.Event()
    with peak_memory() as peak:
        process = context.Process(target=hold, args=(started,))
        process.start()
        started.wait(30)
        deadline = time.monotonic() + 20
        while peak.others < 60 * MEGABYTE and time.monotonic() < deadline:
            time.sleep(0.05)
        process.kill()
        process.join()
    assert peak.others >= 60 * MEGABYTE
