"""The repository describes itself truly: file map, pins, words, data notices."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
READMES = ("README.md", "README.zh-CN.md")
PACKAGE = "src/vocation/"


def tracked() -> list[str]:
    """Every file of the repository: committed, or new and not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return sorted({name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()})


def mapped(readme: str) -> list[str]:
    """The paths in a README's file map, in its order."""
    block = re.search(r"<!-- map:begin -->\n```text\n(.*?)```\n<!-- map:end -->", read(readme), re.DOTALL)
    assert block, f"{readme} has no file map"
    lines = block.group(1).splitlines()
    assert all(len(line.split(maxsplit=1)) == 2 for line in lines), "every path needs its description"
    return [line.split(maxsplit=1)[0] for line in lines]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def entry(name: str) -> str:
    """The line of the map that a file belongs to: its top-level folder or file, one level deeper inside the package."""
    prefix = PACKAGE if name.startswith(PACKAGE) else ""
    head, slash, _ = name.removeprefix(prefix).partition("/")
    return prefix + head + slash


@pytest.mark.parametrize("readme", READMES)
def test_file_map_names_every_folder_and_file_once(readme: str) -> None:
    paths = mapped(readme)
    assert len(paths) == len(set(paths))
    assert set(paths) == {entry(name) for name in tracked()}


def test_both_readmes_map_the_same_files_in_the_same_order() -> None:
    assert mapped(READMES[0]) == mapped(READMES[1])


def test_both_readmes_show_the_same_commands_and_the_same_recipe() -> None:
    codes = []
    for readme in READMES:
        blocks = re.findall(r"```(?:console|yaml|python)\n(.*?)```", read(readme), re.DOTALL)
        codes.append([re.sub(r"\s+#.*", "", block) for block in blocks])
    assert len(codes[0]) == 4
    assert codes[0] == codes[1]


@pytest.mark.parametrize("page", [*READMES, "CONTRIBUTING.md"])
def test_every_relative_link_leads_somewhere(page: str) -> None:
    targets = re.findall(r"\]\((?!https?://|#)([^)#]+)", read(page))
    assert [target for target in targets if not (ROOT / target).exists()] == []


@pytest.mark.parametrize("page", [*READMES, "docs/recipe.md", "docs/zh/recipe.md"])
def test_recipe_that_is_shown_is_that_of_the_example(page: str) -> None:
    shown = re.search(r"```yaml\n(name:.*?)```", read(page), re.DOTALL)
    assert shown
    assert yaml.safe_load(shown.group(1)) == yaml.safe_load(read("examples/bank-intents/recipe.yaml"))


def test_every_page_of_the_documentation_stands_in_both_languages() -> None:
    english, chinese = (sorted((ROOT / folder).glob("*.md")) for folder in ("docs", "docs/zh"))
    assert [page.name for page in english] == [page.name for page in chinese]
    assert len(english) == 21
    for pair in zip(english, chinese, strict=True):
        heads, tables = zip(*(structure(page.read_text(encoding="utf-8")) for page in pair), strict=True)
        assert heads[0] == heads[1], pair[0].name
        assert tables[0] == tables[1], pair[0].name


def structure(page: str) -> tuple[list[str], int]:
    """The levels of a page's headings, and how many table rows it has."""
    lines = re.sub(r"```.*?```", "", page, flags=re.DOTALL).splitlines()
    heads = [line.partition(" ")[0] for line in lines if re.match(r"#+ ", line)]
    return heads, sum(line.startswith("|") for line in lines)


def test_every_dependency_is_pinned() -> None:
    pins = [line for line in read("constraints.txt").splitlines() if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][0-9A-Za-z.]*", pin) for pin in pins), (
        "exact, and no local versions"
    )
    pinned = {normal(pin.partition("==")[0]) for pin in pins}
    project = tomllib.loads(read("pyproject.toml"))["project"]
    wanted = [
        *project["dependencies"],
        *(name for extra in project["optional-dependencies"].values() for name in extra),
    ]
    assert {normal(re.split(r"[\[<>=!~; ]", name)[0]) for name in wanted} - {"vocation"} <= pinned


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_data_folder_is_attributed() -> None:
    folders = {
        name.rpartition("/data/")[0] for name in tracked() if "/data/" in name and name.startswith(("ex", "src"))
    }
    assert len(folders) == 4
    for folder in folders:
        texts = [path.read_text(encoding="utf-8") for path in (ROOT / folder).glob("*.md")]
        assert any("CC BY 4.0" in text for text in texts), folder
        assert f"{folder}/data" in read("NOTICE")


@pytest.mark.parametrize("script", ["scripts/sizes.py", "scripts/words.py"])
def test_repository_passes(script: str) -> None:
    done = subprocess.run([sys.executable, script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
