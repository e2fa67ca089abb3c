"""Files, functions and parameter lists that have outgrown the house style are found."""

from pathlib import Path

import pytest
import sizes

LONG = "class C:\n    def f(self, a, *, b=1):\n" + "        a = b\n" * 70


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sizes, "ROOT", tmp_path)
    monkeypatch.setattr(sizes, "ACCEPTED", {})
    (tmp_path / "src").mkdir()
    return tmp_path


def test_file_functions_and_parameters_are_measured(root: Path) -> None:
    path = root / "src" / "long.py"
    path.write_text(LONG, encoding="utf-8")
    found = {(place, what): size for place, what, size in sizes.measure(path)}
    assert found == {
        ("src/long.py", "lines of the file"): 72,
        ("src/long.py C.f", "lines of a function"): 71,
        ("src/long.py C.f", "parameters"): 2,
    }


def test_decorators_count_and_nested_functions_are_seen(root: Path) -> None:
    path = root / "src" / "nested.py"
    path.write_text("@cache\n@other\ndef f():\n    def g(a): ...\n", encoding="utf-8")
    found = {place: size for place, what, size in sizes.measure(path) if what == "lines of a function"}
    assert found == {"src/nested.py f": 4, "src/nested.py f.g": 1}


def test_outgrown_function_fails_until_it_is_accepted(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "src" / "long.py").write_text(LONG, encoding="utf-8")
    assert sizes.main() == 1
    assert "src/long.py C.f: 71 lines of a function, at most 60" in capsys.readouterr().out
    monkeypatch.setattr(sizes, "ACCEPTED", {("src/long.py C.f", "lines of a function"): 71})
    assert sizes.main() == 0


def test_exception_that_is_larger_than_needed_fails(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "src" / "long.py").write_text(LONG, encoding="utf-8")
    monkeypatch.setattr(sizes, "ACCEPTED", {("src/long.py C.f", "lines of a function"): 80})
    assert sizes.main() == 1
    assert "may be 80, and is 71" in capsys.readouterr().out
