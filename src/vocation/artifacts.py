"""The content-addressed store of what stages wrote.

An artifact's key is the hash of its stage, the stage's version, its resolved settings and the keys of its inputs. A
stage writes into `partial/`, everything is synced to disk, and one rename makes the artifact appear: it is complete or
absent, never half. An artifact whose key is already there is not built again. A lock keeps two processes from building
the same one; the operating system drops it when a process dies, so a killed run leaves nothing to clean up.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import platform
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from vocation.errors import ArtifactError

MANIFEST = "manifest.json"
SCRATCH = "scratch"
"""Folder in an artifact's folder for what a stage needs only until the artifact is published, such as checkpoints. It
goes afterwards, so that a process which dies at the very end has lost nothing."""
_TEMPORARY = ".temporary"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_PACKAGES = ("vocation", "torch", "transformers", "tokenizers", "accelerate", "pyarrow", "numpy", "scikit-learn")


@dataclass(frozen=True, slots=True)
class Plan:
    """What an artifact is made from; equal plans make equal artifacts.

    Args:
        stage: name of the stage, such as "tuning".
        version: raised whenever the stage's code changes what it writes.
        settings: the stage's resolved settings, as plain JSON values.
        inputs: name and key (or content hash) of everything that goes in.
    """

    stage: str
    version: int
    settings: Mapping[str, Any]
    inputs: Mapping[str, str]

    @property
    def key(self) -> str:
        """32 hexadecimal digits: BLAKE2 over the plan as canonical JSON."""
        plan = [self.stage, self.version, self.settings, self.inputs]
        canonical = json.dumps(plan, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.blake2b(canonical.encode("utf-8"), digest_size=16).hexdigest()

    @property
    def folder_name(self) -> str:
        return f"{self.stage}-{self.key[:12]}"


@dataclass(frozen=True, slots=True)
class Artifact:
    """A finished artifact.

    Args:
        folder: where it lies.
        manifest: what went in, what came out, how long it took, on what.
        reused: whether it was there already.
    """

    folder: Path
    manifest: Mapping[str, Any]
    reused: bool = False

    @property
    def key(self) -> str:
        return str(self.manifest["key"])

    @property
    def summary(self) -> Mapping[str, Any]:
        """What the stage itself put into the manifest."""
        result: Mapping[str, Any] = self.manifest["summary"]
        return result


class Store:
    """Artifacts under one folder.

    Args:
        root: the folder; created when the first artifact is built.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def find(self, plan: Plan) -> Artifact | None:
        """The finished artifact of a plan, or None.

        Raises:
            ArtifactError: it is there and damaged.
        """
        folder = self.root / plan.folder_name
        return load(folder, reused=True) if folder.exists() else None

    def build(self, plan: Plan, write: Callable[[Path], Mapping[str, Any]], *, resumable: bool = False) -> Artifact:
        """The artifact of a plan: found, or made by `write`.

        Args:
            plan: what it is made from.
            write: fills the folder it is given and returns a summary of plain JSON values for the manifest.
            resumable: whether `write` goes on from what a killed run left in the folder; otherwise it starts empty.

        Raises:
            ArtifactError: another process is building it, the folder cannot be written, the disk is full, or the
                artifact is there and damaged.
        """
        if found := self.find(plan):
            return found
        partial = self.root / "partial" / plan.folder_name
        lock = self.root / "locks" / f"{plan.folder_name}.lock"
        with write_errors(self.root), locked(lock, plan.folder_name, "another folder with --output"):
            if found := self.find(plan):
                return found
            if partial.exists() and not resumable:
                shutil.rmtree(partial)
            partial.mkdir(parents=True, exist_ok=True)
            (partial / MANIFEST).unlink(missing_ok=True)  # Of a process that died just before the rename.
            for left in partial.rglob(f"*{_TEMPORARY}"):  # Of one that died in `write_json`.
                left.unlink()
            started, clock = datetime.now(UTC), time.monotonic()
            summary = write(partial)
            manifest = {
                "stage": plan.stage,
                "version": plan.version,
                "key": plan.key,
                "settings": plan.settings,
                "inputs": plan.inputs,
                "started": started.isoformat(timespec="seconds"),
                "seconds": round(time.monotonic() - clock, 3),
                "machine": machine(),
                "summary": summary,
                "files": {str(path.relative_to(partial)): path.stat().st_size for path in _files(partial)},
            }
            write_json(partial / MANIFEST, manifest)
            publish(partial, self.root / plan.folder_name)
            if (self.root / plan.folder_name / SCRATCH).exists():
                shutil.rmtree(self.root / plan.folder_name / SCRATCH)
        return load(self.root / plan.folder_name)


def load(folder: Path, *, reused: bool = False) -> Artifact:
    """A finished artifact, its files checked against the sizes in its manifest.

    Raises:
        ArtifactError: the manifest is missing or unreadable, or a file is missing or has another size.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        files = manifest["files"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArtifactError(
            f"{folder} has no readable {MANIFEST} ({error}).\n  what to do: delete the folder and run again"
        ) from error
    for name, size in files.items():
        path = folder / name
        found = path.stat().st_size if path.exists() else None
        if found != size:
            raise ArtifactError(
                f"{path} is damaged: its manifest says {size} bytes, "
                f"{'the file is missing' if found is None else f'the file has {found}'}.\n"
                f"  what to do: delete {folder} and run again"
            )
    return Artifact(folder, manifest, reused)


def machine() -> dict[str, Any]:
    """What a result may depend on besides its inputs: system, Python, package versions, cores."""
    return {
        "system": platform.platform(),
        "python": platform.python_version(),
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "packages": versions(_PACKAGES),
    }


def versions(packages: Iterable[str]) -> dict[str, str]:
    """The version of each package, "absent" of one that is not installed."""
    found = {}
    for package in packages:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "absent"
    return found


def hash_file(path: Path) -> str:
    """SHA-256 of a file's content, as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_json(path: Path, value: Any) -> None:
    """Writes JSON so that the file is whole or absent: to a temporary name, synced, renamed."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}{_TEMPORARY}")
    temporary.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    sync(temporary)
    temporary.replace(path)


def publish(folder: Path, target: Path) -> None:
    """Makes a folder appear under its final name, synced to disk, whole or not at all.

    Raises:
        FileExistsError: the target is there already.
    """
    for path in sorted(folder.rglob("*"), reverse=True):  # What is in a folder before the folder.
        sync(path)
    sync(folder)
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        raise FileExistsError(errno.EEXIST, "already there", str(target))
    folder.rename(target)
    sync(target.parent)


def _files(folder: Path) -> list[Path]:
    """The files of an artifact, without its scratch folder."""
    return sorted(p for p in folder.rglob("*") if p.is_file() and p.relative_to(folder).parts[0] != SCRATCH)


def sync(path: Path) -> None:
    """Makes sure that a file or a folder is on the disk and not only in memory."""
    if os.name == "nt" and path.is_dir():  # Windows cannot sync a directory.
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def locked(path: Path, written: str, elsewhere: str) -> Iterator[None]:
    """Keeps another process out while the block runs; the operating system lets go when this one dies.

    Args:
        path: the lock, which stays; beside it stands who has it.
        written: what the block writes, for a message.
        elsewhere: how to say that this run is to write something else, for a message.

    Raises:
        ArtifactError: another process has it.
    """
    from filelock import FileLock, Timeout

    path.parent.mkdir(parents=True, exist_ok=True)
    owner = path.with_suffix(".json")
    try:
        with FileLock(path, timeout=0):
            write_json(owner, {"process": os.getpid(), "since": datetime.now().isoformat(timespec="seconds")})
            yield
            owner.unlink(missing_ok=True)
    except Timeout as error:
        holder = json.loads(owner.read_text(encoding="utf-8")) if owner.exists() else {}
        raise ArtifactError(
            f"Another run is writing {written} (process {holder.get('process', 'unknown')}, since "
            f"{holder.get('since', 'just now')}).\n"
            f"  what to do: wait until it is done and run again, or give this run {elsewhere}"
        ) from error


@contextmanager
def write_errors(root: Path) -> Iterator[None]:
    """Turns what the system says of a full disk or a folder that cannot be written into an `ArtifactError`."""
    from safetensors import SafetensorError

    try:
        yield
    except SafetensorError as error:  # No OSError, whatever the system said.
        if any(f"(os error {number})" in str(error) for number in _FULL):
            raise _full(root) from error
        raise
    except OSError as error:
        if error.errno in _FULL:
            raise _full(error.filename or root) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.ENOENT) and _within(
            error, root
        ):
            raise ArtifactError(
                f"{error.filename} cannot be written: {error.strerror}.\n"
                "  what to do: check the folder's permissions, or give another folder with --output"
            ) from error
        raise


def _full(place: str | Path) -> ArtifactError:
    return ArtifactError(
        f"The disk is full: {place} could not be written. What is finished stays valid.\n"
        "  what to do: free some space and run again; the run goes on where it was, "
        "or give another folder with --output"
    )


def _within(error: OSError, root: Path) -> bool:
    if error.filename is None:
        return False
    place, base = Path(os.fsdecode(error.filename)).absolute(), root.absolute()
    return place.is_relative_to(base) or base.is_relative_to(place)
