"""Checks that no file, function or parameter list has outgrown the house style.

The few places that are larger on purpose stand in `ACCEPTED` with their size. They may shrink, and then the number
here has to follow; they may never grow.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("src", "tests", "scripts", "benchmarks")
LIMITS = {"lines of the file": 400, "lines of a function": 60, "parameters": 6}
ACCEPTED: dict[tuple[str, str], int] = {
    # An error names everything that a person needs to mend it, each by keyword.
    ("src/vocation/errors.py DataError.__init__", "parameters"): 7,
    # A ledger entry is a row of a table; its columns are the parameters.
    ("src/vocation/ledger.py Ledger.add_row", "parameters"): 9,
}

Size = tuple[str, str, int]
"""A place, what was measured there, and how much it was."""


def measure(path: Path) -> Iterator[Size]:
    """Every size in one Python file, each with its place as `file` or `file Class.function`."""
    source = path.read_text(encoding="utf-8")
    name = path.relative_to(ROOT).as_posix()
    yield name, "lines of the file", len(source.splitlines())
    for qualified, function in functions(ast.parse(source), ""):
        first = min([function.lineno, *(decorator.lineno for decorator in function.decorator_list)])
        yield f"{name} {qualified}", "lines of a function", (function.end_lineno or first) - first + 1
        if not is_test_or_command(name):
            yield f"{name} {qualified}", "parameters", parameters(function)


def functions(node: ast.AST, prefix: str) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Every function below a node, with its dotted name."""
    for child in ast.iter_child_nodes(node):
        inside = prefix
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inside = f"{prefix}{child.name}."
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield prefix + child.name, child
        yield from functions(child, inside)


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """How many parameters a caller may give: all but `self` and `cls`."""
    arguments = function.args
    given = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return sum(argument.arg not in {"self", "cls"} for argument in given)


def is_test_or_command(name: str) -> bool:
    """Whether the parameters in a file are not for callers: fixtures of a test, options of a command line."""
    return name.startswith("tests/") or name.endswith("cli.py")


def main() -> int:
    """Prints every size over its limit, and every exception that is no longer needed; 1 if there is any."""
    files = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
    sizes = {(place, what): size for path in files for place, what, size in measure(path)}
    problems = [
        f"{place}: {size} {what}, at most {ACCEPTED.get((place, what), LIMITS[what])}"
        for (place, what), size in sizes.items()
        if size > ACCEPTED.get((place, what), LIMITS[what])
    ]
    problems += [
        f"{place}: {what} may be {accepted}, and is {sizes.get((place, what), 0)}: lower it in ACCEPTED"
        for (place, what), accepted in ACCEPTED.items()
        if sizes.get((place, what), 0) < accepted
    ]
    print("\n".join(problems) or f"{len(files)} files within their limits")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
