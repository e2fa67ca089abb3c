"""The store: equal plans are built once, whole or not at all, by one process at a time."""

from __future__ import annotations

import errno
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from vocation import artifacts
from vocation.artifacts import Plan, Store, hash_file, load, publish, write_errors, write_json
from vocation.errors import ArtifactError

PLAN = Plan("tuning", 1, {"rate": 1e-4, "names": ["a", "中"], "deep": {"x": 1, "y": None}}, {"corpus": "abc"})


def writes(content: str = "data") -> Callable[[Path], Mapping[str, Any]]:
    def write(folder: Path) -> Mapping[str, Any]:
        (folder / "inner").mkdir(exist_ok=True)
        (folder / "inner" / "data.txt").write_text(content, encoding="utf-8")
        return {"rows": len(content)}

    return write


def never(folder: Path) -> Mapping[str, Any]:
    raise AssertionError(f"{folder} was there already")


@pytest.mark.parametrize(
    "other",
    [
        replace(PLAN, stage="corpus"),
        replace(PLAN, version=2),
        replace(PLAN, settings={**PLAN.settings, "rate": 1.1e-4}),
        replace(PLAN, settings={**PLAN.settings, "names": ["中", "a"]}),
        replace(PLAN, settings={**PLAN.settings, "deep": {"x": 1, "y": 0}}),
        replace(PLAN, settings={**PLAN.settings, "more": None}),
        replace(PLAN, inputs={"corpus": "abd"}),
        replace(PLAN, inputs={"corpus": "abc", "model": "abc"}),
    ],
    ids=["stage", "version", "number", "order", "null", "more", "input", "more inputs"],
)
def test_the_key_changes_with_anything_in_the_plan(other: Plan) -> None:
    assert other.key != PLAN.key
    assert re.fullmatch(r"[0-9a-f]{32}", other.key)


def test_the_key_does_not_depend_on_the_order_in_which_settings_are_named() -> None:
    settings = {"deep": {"y": None, "x": 1}, "names": ["a", "中"], "rate": 0.0001}
    assert replace(PLAN, settings=settings).key == PLAN.key
    assert PLAN.folder_name == f"tuning-{PLAN.key[:12]}"


def test_the_key_is_the_same_in_every_process() -> None:
    """Python's own hash is not."""
    code = f"from vocation.artifacts import Plan; print(({PLAN!r}).key)"
    environment = {**os.environ, "PYTHONHASHSEED": "77", "PYTHONIOENCODING": "utf-8"}
    answer = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == PLAN.key


def test_what_is_built_is_found_and_not_built_again(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    assert store.find(PLAN) is None
    built = store.build(PLAN, writes())
    assert not built.reused
    assert (built.folder / "inner" / "data.txt").read_text(encoding="utf-8") == "data"
    again = store.build(PLAN, never)
    assert again.reused
    assert (again.folder, again.key, again.summary) == (built.folder, PLAN.key, {"rows": 4})
    assert store.find(PLAN) == again
    other = store.build(replace(PLAN, version=2), writes("other"))
    assert other.folder != built.folder


def test_the_manifest_says_what_went_in_and_what_came_out(tmp_path: Path) -> None:
    manifest = Store(tmp_path).build(PLAN, writes()).manifest
    assert manifest["settings"] == PLAN.settings
    assert manifest["inputs"] == PLAN.inputs
    assert manifest["files"] == {str(Path("inner", "data.txt")): 4}
    assert manifest["machine"]["packages"]["torch"] != "absent"
    assert {"stage", "version", "started", "seconds", "summary"} <= set(manifest)


class KilledError(BaseException):
    """Stands for the end of the process."""


def die(*_: Any, **__: Any) -> Any:
    raise KilledError


@pytest.mark.parametrize("operation", ["write", "write_json", "publish", "rename"])
@pytest.mark.parametrize("resumable", [False, True])
def test_an_artifact_is_complete_or_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, operation: str, resumable: bool
) -> None:
    def half(folder: Path) -> Mapping[str, Any]:
        summary = writes("half")(folder)
        if operation == "write":
            raise KilledError
        patched = Path if operation == "rename" else artifacts
        monkeypatch.setattr(patched, operation, die)
        return summary

    store = Store(tmp_path)
    found: list[str] = []

    def whole(folder: Path) -> Mapping[str, Any]:
        found.extend(path.name for path in folder.rglob("*.txt"))
        return writes("whole")(folder)

    with pytest.raises(KilledError):
        store.build(PLAN, half, resumable=resumable)
    monkeypatch.undo()
    assert store.find(PLAN) is None
    built = store.build(PLAN, whole, resumable=resumable)
    assert found == (["data.txt"] if resumable else [])
    assert (built.folder / "inner" / "data.txt").read_text(encoding="utf-8") == "whole"
    assert set(built.manifest["files"]) == {str(Path("inner", "data.txt"))}


@pytest.mark.parametrize("damage", ["shortened", "absent", "no manifest", "broken manifest", "another manifest"])
def test_a_damaged_artifact_is_refused(tmp_path: Path, damage: str) -> None:
    store = Store(tmp_path)
    folder = store.build(PLAN, writes()).folder
    data, manifest = folder / "inner" / "data.txt", folder / "manifest.json"
    match damage:
        case "shortened":
            data.write_text("dat", encoding="utf-8")
            expected = "4 bytes, the file has 3"
        case "absent":
            data.unlink()
            expected = "4 bytes, the file is missing"
        case "no manifest":
            manifest.unlink()
            expected = r"no readable manifest\.json"
        case "broken manifest":
            manifest.write_text('{"files": ', encoding="utf-8")
            expected = r"no readable manifest\.json"
        case _:
            manifest.write_text("[]", encoding="utf-8")
            expected = r"no readable manifest\.json"
    with pytest.raises(ArtifactError, match=expected) as caught:
        store.build(PLAN, never)
    assert f"delete {folder}" in str(caught.value) or "delete the folder" in str(caught.value)
    with pytest.raises(ArtifactError):
        load(folder)


def test_a_second_process_is_refused_and_told_who_is_at_work(tmp_path: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from vocation.artifacts import Plan, Store

def write(folder):
    print("writing", flush=True)
    sys.stdin.readline()
    return {{}}

Store(Path(sys.argv[1])).build({PLAN!r}, write)
"""
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "writing\n"
        with pytest.raises(ArtifactError, match=rf"Another run is writing {PLAN.folder_name}") as caught:
            Store(tmp_path).build(PLAN, never)
        assert f"(process {other.pid}, since " in str(caught.value)
        assert "wait until it is done" in str(caught.value)
        Store(tmp_path).build(replace(PLAN, version=2), writes())  # Another artifact is nobody's business.
        other.kill()
    assert Store(tmp_path).find(PLAN) is None
    assert not Store(tmp_path).build(PLAN, writes()).reused  # The lock died with its process.


def test_two_that_want_the_same_wait_for_nothing_when_it_is_done(tmp_path: Path) -> None:
    """The one that comes second finds under the lock what the first has finished meanwhile."""
    store = Store(tmp_path)
    looked: list[object] = []

    class Late(Store):
        def find(self, plan: Plan) -> Any:
            found = super().find(plan) if looked else None
            looked.append(found)
            return found

    built = store.build(PLAN, writes())
    late = Late(tmp_path).build(PLAN, never)
    assert (late.folder, late.reused, len(looked)) == (built.folder, True, 2)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_told_and_what_was_written_is_gone_on_with(tmp_path: Path, number: int) -> None:
    def fill(folder: Path) -> Mapping[str, Any]:
        (folder / "first.txt").write_text("kept", encoding="utf-8")
        raise OSError(number, os.strerror(number), str(folder / "second.txt"))

    def go_on(folder: Path) -> Mapping[str, Any]:
        return {"kept": (folder / "first.txt").read_text(encoding="utf-8")}

    with pytest.raises(ArtifactError, match="The disk is full") as caught:
        Store(tmp_path).build(PLAN, fill, resumable=True)
    assert "second.txt" in str(caught.value)
    assert "free some space and run again" in str(caught.value)
    assert Store(tmp_path).build(PLAN, go_on, resumable=True).summary == {"kept": "kept"}


def test_a_disk_that_is_full_while_weights_are_saved_is_told_too(tmp_path: Path) -> None:
    """safetensors raises no OSError; it puts the system's number into its message."""
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    with pytest.raises(Exception, match=rf"\(os error {errno.ENOENT}\)"):
        save_file({"a": torch.zeros(1)}, tmp_path / "nowhere" / "a.safetensors")

    def fill(_: Path) -> Mapping[str, Any]:
        raise SafetensorError(f"Error while serializing: I/O error: No space left (os error {errno.ENOSPC})")

    with pytest.raises(ArtifactError, match="The disk is full"):
        Store(tmp_path).build(PLAN, fill)
    with pytest.raises(SafetensorError, match="header"), write_errors(tmp_path):
        raise SafetensorError("header too large")


def test_a_folder_below_a_file_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ArtifactError, match="cannot be written: Not a directory") as caught:
        Store(tmp_path / "file" / "store").build(PLAN, never)
    assert "another folder with --output" in str(caught.value)


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.EROFS])
def test_a_folder_without_permission_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(path: Path, *_: Any, **__: Any) -> None:
        raise OSError(number, os.strerror(number), str(path))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(ArtifactError, match=f"cannot be written: {os.strerror(number)}") as caught:
        Store(tmp_path / "store").build(PLAN, never)
    assert "permissions" in str(caught.value)


def test_a_place_that_nobody_can_write_is_told() -> None:
    with pytest.raises(ArtifactError, match=r"/proc.* cannot be written"):
        Store(Path("/proc/vocation/store")).build(PLAN, never)


def test_errors_about_other_files_pass_untouched(tmp_path: Path) -> None:
    def read(_: Path) -> Mapping[str, Any]:
        raise FileNotFoundError(errno.ENOENT, "No such file or directory", "/elsewhere/data.csv")

    with pytest.raises(FileNotFoundError, match=r"data\.csv"):
        Store(tmp_path / "store").build(PLAN, read)


def test_json_is_whole_or_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "value.json"
    write_json(path, {"名": 1})
    with monkeypatch.context() as patched:
        patched.setattr(artifacts, "sync", die)
        with pytest.raises(KilledError):
            write_json(path, {"名": 2})
    assert json.loads(path.read_text(encoding="utf-8")) == {"名": 1}
    with pytest.raises(TypeError):
        write_json(path, {"名": object()})
    assert json.loads(path.read_text(encoding="utf-8")) == {"名": 1}


def test_scratch_is_kept_until_the_artifact_is_there_and_is_no_part_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path / "store")

    def write(folder: Path) -> Mapping[str, Any]:
        found = (folder / "scratch" / "checkpoint").exists()
        (folder / "scratch").mkdir(exist_ok=True)
        (folder / "scratch" / "checkpoint").write_text("…", encoding="utf-8")
        return {"found": found}

    with monkeypatch.context() as patched:
        patched.setattr(artifacts, "publish", die)
        with pytest.raises(KilledError):
            store.build(PLAN, write, resumable=True)
    built = store.build(PLAN, write, resumable=True)
    assert built.summary == {"found": True}
    assert not (built.folder / "scratch").exists()
    assert built.manifest["files"] == {}


def test_what_a_death_in_the_middle_of_writing_json_left_is_not_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path / "store")

    def write(folder: Path) -> Mapping[str, Any]:
        (folder / "inner").mkdir(exist_ok=True)
        write_json(folder / "inner" / "value.json", 1)
        return {}

    def write_and_die(folder: Path) -> Mapping[str, Any]:
        monkeypatch.setattr(artifacts, "sync", die)  # The file is written, and not yet renamed.
        return write(folder)

    with pytest.raises(KilledError):
        store.build(PLAN, write_and_die, resumable=True)
    monkeypatch.undo()
    assert list((store.root / "partial").rglob("*.temporary"))
    assert list(store.build(PLAN, write, resumable=True).manifest["files"]) == ["inner/value.json"]


def test_publishing_never_replaces(tmp_path: Path) -> None:
    for name in ("new", "old"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name, encoding="utf-8")
    with pytest.raises(FileExistsError):
        publish(tmp_path / "new", tmp_path / "old")
    assert (tmp_path / "old" / "file").read_text(encoding="utf-8") == "old"
    publish(tmp_path / "new", tmp_path / "deep" / "target")
    assert (tmp_path / "deep" / "target" / "file").read_text(encoding="utf-8") == "new"


def test_the_hash_of_a_file_is_sha256(tmp_path: Path) -> None:
    (tmp_path / "abc").write_bytes(b"abc")
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert hash_file(tmp_path / "abc") == expected
