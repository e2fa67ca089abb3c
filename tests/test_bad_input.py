"""What goes wrong outside the program: data, folders, disks, other runs, kills. Each with its message and status."""

from __future__ import annotations

import os
import resource
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.projects import Command, Finished, NewProject, Outcome, Project, csv_rows, running, wait_for


@dataclass(frozen=True)
class Case:
    """A project that was broken in one way.

    Args:
        rows: what the data file holds; None when there is no file.
        message: what is said, after "error: ".
        settings: overrides.
        task: of the project.
    """

    rows: bytes | None
    message: str
    settings: tuple[str, ...] = ()
    task: str = "classification"


GOOD = csv_rows()
CHINESE = GOOD.replace("my card was lost", "我的信用卡丢了").encode("gb18030")
LEGAL = "take O\naspirin B-Drug\nnow O\n\n" * 20
CASES = {
    "missing file": Case(
        None,
        "rows.csv: The file does not exist. Did you mean 'rows.cvs'?\n"
        "  received: corpus.sources[0].path, looked for in {folder}, which has model, recipe.yaml, rows.cvs\n"
        "  what to do: correct the path; relative paths start at the recipe's folder",
    ),
    "wrong delimiter": Case(
        GOOD.replace(",", ";").encode(),
        "rows.csv, row 1: Wrong delimiter: the line is one cell when it is split at comma\n"
        "  received: 'text;label'\n"
        '  what to do: the semicolon looks likely: set `delimiter: ";"` for this source',
    ),
    "missing column": Case(
        GOOD.replace("text,label", "text,intent").encode(),
        "rows.csv, row 2, column 'label': There is no column 'label' for the field 'label'.\n"
        "  received: columns text, intent\n"
        "  what to do: set `corpus.sources[0].columns.label` to the column that holds the label, or "
        "`corpus.sources[0].constants.label` to a value for all rows",
    ),
    "empty file": Case(
        b"",
        "rows.csv: The file is empty\n"
        "  received: nothing\n"
        "  allowed: a line with the names of the columns, then at least one row\n"
        "  what to do: give a file with data, or take this source out of the recipe",
    ),
    "header without rows": Case(b"text,label\n", "rows.csv: The file has no rows\n  received: a header\n"),
    "undecodable bytes": Case(
        CHINESE + "卡".encode("gb18030") + b"\x81\x20,card\n",
        "rows.csv, row 62: The file is neither valid UTF-8 nor valid GB18030 nor valid Big5\n"
        "  received: bytes 81 20 2c 63 at offset {size}, line 62 (as GB18030: ",
    ),
    "latin-1 text": Case(
        GOOD.replace("my card was lost", "ma carte est égarée").encode("latin-1"),
        "rows.csv: The file is not UTF-8, and its characters would be unlikely ones in GB18030 and in Big5\n",
    ),
    "row without a label": Case(
        (GOOD + "one more card,\n").encode(),
        "rows.csv, row 62, column 'label': The label is missing\n  received: ''\n",
    ),
    "a class with one row": Case(
        (GOOD + "how do I become a pilot,travel\n").encode(),
        "rows.csv, row 62: The label 'travel' stands in one row alone and cannot be both learned and tested\n"
        "  received: 1 occurrence of 'travel'\n"
        "  allowed: every label in at least two rows that can be divided\n"
        "  what to do: label more rows, merge the label into another, or set `corpus.splitting.rare_labels: train` ",
    ),
    "one label only": Case(
        GOOD.replace(",refund", ",card").replace(",rate", ",card").encode(),
        "All training rows have the same label, so that there is nothing to tell apart\n  received: card in 42 rows\n",
    ),
    "illegal tag sequence": Case(
        (LEGAL + "take O\naspirin I-Drug\n").encode(),
        "rows.conll, row 82: The tag sequence is not legal BIO: ",
        task="entities",
    ),
    "no entity at all": Case(
        "\n\n".join(f"take O\nrest O\n{number} O" for number in range(20)).encode(),
        "No training row has a labelled span\n",
        task="entities",
    ),
    "wrong type": Case(
        GOOD.encode(),
        "--set tuning.epochs=many: tuning.epochs: Input should be a valid integer, ",
        ("tuning.epochs=many",),
    ),
    "model without weights": Case(
        GOOD.encode(), "{folder} is not a model folder: it has no config.json.", ("model=.",)
    ),
}


def broken(project: Project, case: Case) -> str:
    """Breaks a project; returns what is said of it."""
    (file,) = project.folder.glob("rows.*")
    if case.rows is None:
        file.rename(file.with_suffix(".cvs"))
        return case.message.replace("{folder}", str(project.folder))
    file.write_bytes(case.rows)
    return case.message.replace("{folder}", str(project.folder)).replace("{size}", str(len(case.rows) - 8))


@pytest.mark.parametrize("verb", ["check", "run"])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_bad_data_or_recipe_is_told_without_a_traceback(
    vocation: Command, new_project: NewProject, case: Case, verb: str
) -> None:
    project = new_project(case.task)
    message = broken(project, case)
    outcome = vocation(verb, project.recipe, *(f"--set={setting}" for setting in case.settings))
    assert_error(outcome, message)


def assert_error(outcome: Outcome, message: str) -> None:
    assert outcome.status == 1
    assert outcome.out == ""
    _, found, told = outcome.err.partition("error: ")
    assert found
    assert told.startswith(message)
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize("verb", ["check", "run"])
def test_label_of_test_that_train_lacks_is_told(vocation: Command, new_project: NewProject, verb: str) -> None:
    project = new_project()
    (project.folder / "test.csv").write_text("text,label\nthe fee please,card\nwhich fee,rates\n", encoding="utf-8")
    project.change(
        "path: rows.csv", "path: rows.csv\n      split: train\n    - {kind: csv, path: test.csv, split: test}"
    )
    assert_error(
        vocation(verb, project.recipe),
        "test.csv, row 3: The label 'rates' in test never occurs in train. Did you mean 'rate'?\n"
        "  received: 'rates'\n"
        "  allowed: the 3 labels of train: card, rate, refund\n"
        "  what to do: correct the label, add training rows that have it, or set `corpus.unseen_labels: drop`",
    )


def test_bad_rows_can_be_dropped_instead_and_are_counted(vocation: Command, new_project: NewProject) -> None:
    project = new_project()
    (project.folder / "rows.csv").write_text(GOOD + "one more card,\n", encoding="utf-8")
    outcome = vocation("check", project.recipe, "--set=corpus.invalid_rows=drop")
    assert outcome.status == 0, outcome.err
    assert any("refused" in line and "invalid row" in line for line in outcome.out.splitlines())


def test_private_text_is_told_in_short_excerpts_only(vocation: Command, new_project: NewProject) -> None:
    project = new_project()
    (project.folder / "rows.csv").write_text("text\n" + "x" * 50 + "; " + "secret" * 50 + "\n", encoding="utf-8")
    outcome = vocation("run", project.recipe)
    assert outcome.status == 1
    assert "secretsecret" not in outcome.err


def test_file_in_the_place_of_the_output_folder_is_told(vocation: Command, new_project: NewProject) -> None:
    project = new_project()
    outcome = vocation("run", project.recipe, "--output", project.folder / "rows.csv" / "runs")
    assert_error(outcome, f"{project.folder / 'rows.csv'}")
    assert "cannot be written: Not a directory.\n  what to do: check the folder's permissions, or give" in outcome.err


def test_folder_without_permission_is_told(
    vocation: Command, new_project: NewProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = new_project()
    make = os.mkdir

    def refuse(path: str | Path, *arguments: int) -> None:  # As the system does; the tests' own user may be root.
        if "runs" in Path(path).parts:
            raise PermissionError(13, "Permission denied", str(path))
        make(path, *arguments)

    monkeypatch.setattr(os, "mkdir", refuse)
    outcome = vocation("run", project.recipe)
    assert_error(outcome, f"{project.folder / 'runs'}")
    assert "cannot be written: Permission denied.\n  what to do: check the folder's permissions, or give" in outcome.err


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """The system refuses to let any file of this process grow beyond `size` bytes: a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize(("size", "done"), [(2_000, []), (40_000, ["corpus", "examination"])])
def test_full_disk_is_told_and_the_run_goes_on_when_there_is_space(
    vocation: Command, new_project: NewProject, size: int, done: list[str]
) -> None:
    project = new_project()
    with largest_file(size):
        outcome = vocation("run", project.recipe)
    assert_error(outcome, "The disk is full: ")
    assert "What is finished stays valid.\n  what to do: free some space and run again; the run goes on" in outcome.err
    assert sorted(manifest["stage"] for manifest in project.artifacts().values()) == done
    again = vocation("run", project.recipe)
    assert again.status == 0, again.err
    assert again.err.count("done before, kept") == len(done)


@pytest.fixture
def long_project(new_project: NewProject) -> Project:
    """The project of topics with enough updates to be met in the middle of them."""
    project = new_project()
    project.change("epochs: 2", "epochs: 12, early_stopping: {patience: null}")
    return project


ALWAYS = "--set=tuning.checkpoint_minutes=0"  # A checkpoint after every update; it does not change what comes out.
CHECKPOINT = "partial/tuning-*/scratch/checkpoints/checkpoint-0*/state.json"


def weights(store: Path) -> bytes:
    (file,) = store.glob("tuning-*/model/model.safetensors")
    return file.read_bytes()


def test_killed_run_goes_on_where_it_was_to_the_same_bits(vocation: Command, long_project: Project) -> None:
    with running("run", long_project.recipe, ALWAYS) as process:
        wait_for(long_project.store, CHECKPOINT, process)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    assert sorted(manifest["stage"] for manifest in long_project.artifacts().values()) == ["corpus", "examination"]
    outcome = vocation("run", long_project.recipe)
    assert outcome.status == 0, outcome.err
    assert "going on after update " in outcome.err
    other = long_project.folder / "other"
    uninterrupted = vocation("run", long_project.recipe, "--output", other)
    assert "going on after update " not in uninterrupted.err
    assert weights(long_project.store) == weights(other / "store")


def test_second_run_is_refused_and_the_first_can_be_stopped_and_goes_on(
    vocation: Command, long_project: Project
) -> None:
    with running("run", long_project.recipe, ALWAYS) as first:
        wait_for(long_project.store, CHECKPOINT, first)
        first.send_signal(signal.SIGSTOP)
        (partial,) = long_project.store.glob("partial/tuning-*")
        second = vocation("run", long_project.recipe)
        first.send_signal(signal.SIGINT)
        first.send_signal(signal.SIGCONT)
        _, err = first.communicate()
    assert_error(second, f"Another run is writing {partial.name} (process {first.pid}, since ")
    assert "what to do: wait until it is done and run again, or give this run another folder with" in second.err
    assert first.returncode == 130
    assert err.endswith("error: Stopped. The same command goes on where it was.\n")
    assert "Traceback" not in err
    outcome = vocation("run", long_project.recipe)
    assert outcome.status == 0, outcome.err
    assert "going on after update " in outcome.err


def test_other_folder_is_free_while_a_run_goes_on(vocation: Command, topics: Finished, tmp_path: Path) -> None:
    from filelock import FileLock

    (lock,) = (topics.project.store / "locks").glob("tuning-*.lock")
    with FileLock(lock):
        outcome = vocation("run", topics.project.recipe, "--output", tmp_path / "elsewhere")
    assert outcome.status == 0, outcome.err


def test_lock_of_a_killed_run_does_not_stay(
    vocation: Command, topics: Finished, copy_of: Callable[[Finished], Project]
) -> None:
    project = copy_of(topics)
    (evaluation,) = project.store.glob("evaluation-*")
    shutil.rmtree(evaluation)
    assert (project.store / "locks" / f"{evaluation.name}.lock").exists()
    (project.store / "locks" / f"{evaluation.name}.json").write_text('{"process": 1, "since": "long ago"}')
    outcome = vocation("run", project.recipe)
    assert outcome.status == 0, outcome.err
    assert f"{evaluation.name}: done in" in outcome.err
