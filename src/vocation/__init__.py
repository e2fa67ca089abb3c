"""Vocation (术业): a general pretrained language model becomes a specialist of one trade.

import vocation

run = vocation.run("recipe.yaml")
vocation.load(run).predict(["…"])
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vocation.pipeline import run
    from vocation.prediction.predictor import Predictor
    from vocation.recipe import Recipe, load_recipe
    from vocation.runs import Run

__version__ = "0.1.0"
__all__ = ["Predictor", "Recipe", "Run", "load", "load_recipe", "run"]

_HOMES = {
    "Predictor": "vocation.prediction.predictor",
    "Recipe": "vocation.recipe",
    "Run": "vocation.runs",
    "load_recipe": "vocation.recipe",
    "run": "vocation.pipeline",
}


def load(run: Run | str | Path) -> Predictor:
    """The predictor of a run.

    Args:
        run: what `vocation.run` gave, the folder of a run, a folder of runs (the newest is taken), a recipe that was
            run, or a model folder that tuning wrote.

    Raises:
        ArtifactError: there is no finished run.
        ModelError: the model cannot be loaded.
    """
    from vocation.prediction.predictor import DESCRIPTION, Predictor
    from vocation.runs import Run, find_run

    if isinstance(run, Run):
        return Predictor.load(run.model)
    folder = Path(run)
    return Predictor.load(folder if (folder / DESCRIPTION).exists() else find_run(folder).model)


def __getattr__(name: str) -> Any:
    """Imports a part of the public API when it is first used, so that `import vocation` costs nothing."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'vocation' has no attribute {name!r}")
