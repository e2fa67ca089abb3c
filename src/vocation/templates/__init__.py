"""Templates of projects, one folder a task: a commented recipe and a small real sample."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from vocation.errors import ArtifactError, RecipeError, did_you_mean

_HERE = Path(__file__).parent


def start_project(folder: Path, task: str) -> Path:
    """Copies the template of a task into a new or empty folder; returns the recipe's path.

    Raises:
        RecipeError: there is no template for this task.
        ArtifactError: the folder holds files already, or cannot be written.
    """
    known = sorted(path.parent.name for path in _HERE.glob("*/recipe.yaml"))
    if task not in known:
        raise RecipeError(
            f"There is no template for the task {task!r}.{did_you_mean(task, known)}\n  allowed: {', '.join(known)}"
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ArtifactError(
            f"{folder} exists and is not an empty folder.\n  what to do: name another folder, nothing was written"
        )
    try:
        shutil.copytree(_HERE / task, folder, dirs_exist_ok=True)
    except OSError as error:
        raise ArtifactError(f"{folder} cannot be written: {error.strerror or error}") from error
    recipe = folder / "recipe.yaml"
    text = recipe.read_text(encoding="utf-8").replace("name: my-project", _name(folder), 1)
    recipe.write_text(text, encoding="utf-8")
    return recipe


def _name(folder: Path) -> str:
    """The recipe's line that names it after its folder, quoted where YAML would read a number, a date or a comment."""
    import yaml

    name = re.sub(r'[\s/\\:*?"<>|]+', "-", folder.resolve().name).lstrip(".-")[:80]
    line: str = yaml.safe_dump({"name": name or "my-project"}, allow_unicode=True, width=1000)
    return line.strip()
