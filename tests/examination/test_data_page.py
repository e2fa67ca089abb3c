"""The data page: what `vocation check` and a run show of the data, whole, in both languages, asking no server."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.pages import Page
from tests.projects import Command, Finished, NewProject, Project, csv_rows
from vocation.evaluation.report.rendering import write_page
from vocation.inspection import inspect

OAK = "the old oak in the yard of the school was felled in the storm of last winter and nobody was hurt by it"


@pytest.fixture
def project(new_project: NewProject) -> Project:
    """Rows with near-duplicates, a conflict, an identifier, a row that is too long, and one that cannot be used."""
    project = new_project()
    rows = [f"{OAK},card", f"{OAK} today,card", "write to ann@example.org <script>,rate", "same words,card"]
    rows += ["same words,rate", f"{'cough ' * 200},rate", ",card"]
    (project.folder / "rows.csv").write_text(csv_rows() + "\n".join(rows) + "\n", encoding="utf-8")
    project.change("tuning:", "  invalid_rows: drop\ntuning:")
    return project


def page_of(project: Project, *overrides: str, leakage: bool = False) -> Page:
    page = inspect(project.recipe, overrides, leakage=leakage, page=True).page
    assert page is not None
    return Page(page.read_text(encoding="utf-8"))


def test_the_page_shows_findings_lengths_duplicates_splits_identifiers_and_losses(project: Project) -> None:
    words = page_of(project).words
    for expected in (
        "1 row (1.5%) could not be used: 1 × The text is missing (first: rows.csv:68).",
        "Rows of more than 96 tokens would lose their ends:",
        "1 text carries more than one answer (2 rows).",
        "22 rows are near-duplicates of one another, in 5 clusters; the largest has 5 (the first is rows.csv:8).",
        "rows.csv:8trainmy card was lost near the old market on friday 6 rows.csv:20train",
        "EMAIL_ADDRESS1",
        "write to [EMAIL_ADDRESS] <script>",
        "invalid rowrefusedreading1",
        "Rows by their number of tokens.",
    ):
        assert expected in words


def test_every_link_leads_somewhere_and_nothing_is_asked_of_a_server(project: Project) -> None:
    page = inspect(project.recipe, page=True).page
    assert page is not None
    html = page.read_text(encoding="utf-8")
    read = Page(html)
    names = {f"#{attributes['id']}" for _, attributes in read.tags if "id" in attributes}
    assert {str(attributes["href"]) for tag, attributes in read.tags if tag == "a"} <= names
    assert not {tag for tag, _ in read.tags} & {"script", "link", "img", "iframe"}
    assert not re.search(r"url\(|@import|src=", html)
    assert not re.search(r"object at 0x|\bNone\b|\bnan\b", read.words)


def test_the_page_is_written_in_chinese(project: Project) -> None:
    words = page_of(project, "evaluation.language=zh").words
    assert "数据中值得注意的问题" in words
    assert "1 段文本有不止一个答案（共 2 行）。" in words
    assert "What to look at" not in words


def test_what_a_random_split_promises_is_drawn_when_it_was_asked_for(project: Project) -> None:
    assert "was not measured" in page_of(project).words
    assert "The baseline on these splits, and on random ones." in page_of(project, leakage=True).words


def test_without_near_duplicates_the_page_says_that_none_were_looked_for(project: Project) -> None:
    assert "Near-duplicates were not looked for" in page_of(project, "corpus.deduplication.near=null").words


def test_identifiers_can_be_left_out(project: Project) -> None:
    assert "They were not looked for" in page_of(project, "examination.texts=0").words


def test_of_a_deidentified_corpus_what_was_replaced_is_told(project: Project) -> None:
    words = page_of(project, "corpus.deidentification={method: tag}").words
    assert "The corpus was de-identified" in words
    assert "ann@example.org" not in words


def test_check_names_the_page_and_can_leave_it_out(vocation: Command, project: Project) -> None:
    outcome = vocation("check", project.recipe, "--no-page")
    assert "Data page" not in outcome.out
    assert not (project.folder / "runs").exists()
    outcome = vocation("check", project.recipe)
    assert outcome.out.splitlines()[-1] == f"Data page: {project.folder / 'runs' / 'checks' / 'topics.html'}"
    assert (project.folder / "runs" / "checks" / "topics.html").exists()


def test_a_check_that_refuses_to_cut_so_much_still_shows_the_lengths(vocation: Command, project: Project) -> None:
    outcome = vocation("check", project.recipe, "--set", "task.max_length=8")
    assert outcome.status == 1
    assert "Too many of the training rows would lose a part" in outcome.err
    page = Page((project.folder / "runs" / "checks" / "topics.html").read_text(encoding="utf-8"))
    assert "Rows of more than 8 tokens would lose their ends" in page.words


def test_a_run_has_its_data_page_beside_the_report(topics: Finished) -> None:
    data = Page((topics.folder / "data.html").read_text(encoding="utf-8"))
    report = Page((topics.folder / "report.html").read_text(encoding="utf-8"))
    names = {attributes["id"] for _, attributes in data.tags if "id" in attributes}
    links = [str(attributes["href"]) for tag, attributes in report.tags if tag == "a"]
    sections = {link.removeprefix("data.html#") for link in links if link.startswith("data.html#")}
    assert sections
    assert sections <= names
    assert "Validation has 6 rows: the best checkpoint is chosen with much chance." in report.words


def test_a_run_measures_what_a_random_split_promises(new_project: NewProject, vocation: Command) -> None:
    """Each row names its patient, and the label is the patient's: who splits by rows tests what was learned."""
    project = new_project()
    labels = {f"patient{number:02}": "abc"[number % 3] for number in range(60)}
    rows = [f"{name} visit {visit} went well,{label},{name}" for name, label in labels.items() for visit in range(5)]
    (project.folder / "rows.csv").write_text("\n".join(["text,label,who", *rows]) + "\n", encoding="utf-8")
    project.change("path: rows.csv", "path: rows.csv\n      columns: {group: who}")
    assert vocation("run", project.recipe, "--set", "tuning.epochs=1").status == 0
    (report,) = (project.folder / "runs").glob("*/report.html")
    told = Page(report.read_text(encoding="utf-8")).words
    assert "Splits of single rows by chance flatter the result: the baseline's accuracy is " in told
    assert vocation("check", project.recipe, "--set", "tuning.epochs=1").out.count("flatter the result") == 1, (
        "check tells what a run has measured"
    )
    quiet = vocation("check", project.recipe, "--set", "examination.leakage=false")
    assert "by chance flatter" not in quiet.out


def test_a_page_is_whole_or_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "t.html.j2").write_text("new {{ word | code }}", encoding="utf-8")
    (tmp_path / "page.html").write_text("old", encoding="utf-8")

    def full(*_: object, **__: object) -> Callable[..., int]:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", full)
        with pytest.raises(OSError, match="No space"):
            write_page(tmp_path / "page.html", tmp_path, "t.html.j2", {"word": "x"})
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == "old"
    write_page(tmp_path / "page.html", tmp_path, "t.html.j2", {"word": "`a<b` & ` c"})
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == "new `a&lt;b` &amp; ` c"
    write_page(tmp_path / "page.html", tmp_path, "t.html.j2", {"word": "set `a<b` & go"})
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == "new set <code>a&lt;b</code> &amp; go"
