"""Files without their identifiers, from the command line and from Python."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from vocation import deidentify_file
from vocation.cli import app
from vocation.console import progress_for
from vocation.corpus.workers import map_batches
from vocation.deidentification.settings import Deidentification
from vocation.deidentification.vault import read_vault
from vocation.deidentify_command import Request
from vocation.deidentify_file import FileJob, measured_risk
from vocation.errors import ArtifactError, DataError, RecipeError
from vocation.records import Row

ROWS = [
    {"name": "张三", "note": "患者张三，电话13800138000。", "patient": "p1"},
    {"name": "Ann Lee", "note": 'Ms. Lee, "ann@bank.com"\nis well.', "patient": "p2"},
]


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOCATION_KEY", "a secret of many letters")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "notes.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(ROWS[0]))
        writer.writeheader()
        writer.writerows(ROWS)
    return path


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_csv_is_written_without_identifiers_and_counted(source: Path, tmp_path: Path) -> None:
    job = FileJob(source, tmp_path / "out.csv", Deidentification(), whole={"name": "PERSON"})
    summary = job.run()
    assert rows(tmp_path / "out.csv") == [
        {"name": "[PERSON]", "note": "患者[PERSON]，电话[PHONE_NUMBER]。", "patient": "p1"},
        {"name": "[PERSON]", "note": 'Ms. [PERSON], "[EMAIL_ADDRESS]"\nis well.', "patient": "p2"},
    ]
    assert summary.by_category() == [("PERSON", 4), ("EMAIL_ADDRESS", 1), ("PHONE_NUMBER", 1)]
    assert summary.counts["note", "PHONE_NUMBER"] == 1
    assert (summary.rows, summary.touched) == (2, 2)


@pytest.mark.parametrize(
    ("name", "content"), [("in.csv", "张伟,13812345678\n李四,13900001111\n"), ("in.jsonl", '{"13812345678": "x"}\n')]
)
def test_a_file_with_identifiers_in_names_is_refused_and_nothing_is_written(
    tmp_path: Path, name: str, content: str
) -> None:
    source, target = tmp_path / name, tmp_path / f"out.{name}"
    source.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match="would be written as it is"):
        FileJob(source, target, Deidentification()).run()
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_kilobytes_and_rows_tell_how_far_it_is(source: Path, tmp_path: Path) -> None:
    stream = io.StringIO()
    FileJob(source, tmp_path / "out.csv", Deidentification()).run(progress_for(stream))
    columns, rows = stream.getvalue().splitlines()
    assert columns.startswith("  reading the columns: 1/1 KB")
    assert rows.startswith("  de-identifying: 1/1 KB")
    assert ", 2 rows, " in rows


def test_only_the_named_columns_are_looked_into(source: Path, tmp_path: Path) -> None:
    FileJob(source, tmp_path / "out.csv", Deidentification(), columns=("name",)).run()
    assert rows(tmp_path / "out.csv")[0]["note"] == ROWS[0]["note"]


def test_rows_of_one_person_share_names_and_rows_of_others_do_not(tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    notes = [{"text": "患者张三来诊。", "who": who} for who in ("a", "a", "b")]
    source.write_text("\n".join(json.dumps(note) for note in notes))
    settings = Deidentification.model_validate({"method": "surrogate"})
    FileJob(source, target, settings, group="who").run()
    first, second, third = [json.loads(line)["text"] for line in target.read_text().splitlines()]
    assert first == second != third
    assert "张三" not in first + third


def test_spans_of_a_jsonl_stay_on_what_they_label(tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    row = {"text": "患者张三发热", "spans": [{"start": 4, "end": 6, "label": "SYMPTOM"}]}
    source.write_text(json.dumps(row))
    FileJob(source, target, Deidentification()).run()
    done = json.loads(target.read_text())
    span = done["spans"][0]
    assert done["text"][span["start"] : span["end"]] == "发热"


def test_a_text_file_keeps_its_lines(tmp_path: Path) -> None:
    source, target = tmp_path / "in.txt", tmp_path / "out.txt"
    source.write_bytes("  患者张三。\r\n\r\n\r\nMr. Lee\nis well.".encode())
    FileJob(source, target, Deidentification()).run()
    assert target.read_bytes().decode() == "  患者[PERSON]。\r\n\r\n\r\nMr. [PERSON]\nis well."


def test_pseudonyms_are_put_back_exactly(source: Path, tmp_path: Path) -> None:
    hidden, back = tmp_path / "hidden.csv", tmp_path / "back.csv"
    Request(source, hidden, method="pseudonym").run()
    assert "张三" not in hidden.read_text(encoding="utf-8")
    vault = tmp_path / "hidden.csv.vault"
    told = Request(hidden, back, restore=True, vault=vault).run()
    assert rows(back) == ROWS
    assert "put back in 2" in told[0]


@pytest.mark.parametrize("stopped", ["vault", "target"])
def test_a_target_is_never_there_without_its_vault(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stopped: str
) -> None:
    hidden, vault, back = (tmp_path / name for name in ("hidden.csv", "hidden.csv.vault", "back.csv"))
    stop, replace = {"vault": vault, "target": hidden}[stopped], Path.replace

    def stopping(path: Path, target: Path) -> Path:
        if target == stop:
            raise KeyboardInterrupt
        return replace(path, target)

    with monkeypatch.context() as killed:
        killed.setattr(Path, "replace", stopping)
        with pytest.raises(KeyboardInterrupt):
            Request(source, hidden, method="pseudonym").run()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        ["notes.csv", *(["hidden.csv.vault"] if stopped == "target" else [])]
    )
    Request(source, hidden, method="pseudonym").run()
    Request(hidden, back, restore=True, vault=vault).run()
    assert rows(back) == ROWS


def test_a_vault_of_another_key_is_told_before_anything_is_written(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = tmp_path / "v"
    Request(source, tmp_path / "one.csv", method="pseudonym", vault=vault).run()
    before = vault.read_bytes()
    monkeypatch.setenv("VOCATION_KEY", "another secret of many letters")
    monkeypatch.setattr("vocation.deidentify_file.map_batches", None)  # No row is looked at.
    with pytest.raises(ArtifactError, match="this key"):
        Request(source, tmp_path / "two.csv", method="pseudonym", vault=vault).run()
    assert not (tmp_path / "two.csv").exists()
    assert vault.read_bytes() == before


def test_a_text_without_rows_has_no_vault(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("")
    told = Request(tmp_path / "in.txt", tmp_path / "out.txt", method="pseudonym").run()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.txt", "out.txt"]
    assert "Vault" not in " ".join(told)


@pytest.mark.parametrize("method", ["surrogate", "pseudonym"])
def test_more_processes_write_the_same_file_audit_and_vault(tmp_path: Path, method: str) -> None:
    source = tmp_path / "in.jsonl"
    notes = [{"text": f"患者张三，电话1380013{number:04}。", "who": f"p{number % 7}"} for number in range(600)]
    source.write_text("\n".join(json.dumps(note) for note in notes))
    found = []
    for processes in (1, 2):
        folder = tmp_path / str(processes)
        folder.mkdir()
        target, vault = folder / "out.jsonl", folder / "out.jsonl.vault"
        told = Request(source, target, method=method, group="who", audit=folder / "audit", processes=processes).run()
        entries = read_vault(vault, b"a secret of many letters") if vault.exists() else {}
        sample = (folder / "audit" / "review.csv").read_bytes()
        found.append((target.read_bytes(), told[1:3], sample, entries))
    assert found[0][:3] == found[1][:3]
    assert found[0][3] == found[1][3]
    assert bool(found[0][3]) == (method == "pseudonym")
    assert "张三" not in found[0][0].decode()


@pytest.mark.parametrize(("size", "seconds", "processes"), [(0, 0.0, 2), (0, 1e9, 1), (1 << 40, 0.0, 1)])
def test_processes_are_started_for_large_files_and_slow_texts(
    source: Path, monkeypatch: pytest.MonkeyPatch, size: int, seconds: float, processes: int
) -> None:
    asked: list[int] = []

    def recorded(work: Callable[[list[Row]], object], batches: Iterable[list[Row]], number: int) -> Iterator[object]:
        asked.append(number)
        return map_batches(work, batches, 1)

    for name, value in (("_WORTH_PROCESSES", size), ("_WORTH_SENDING", seconds)):
        monkeypatch.setattr(deidentify_file, name, value)
    monkeypatch.setattr(deidentify_file, "available_cores", lambda: 2)
    monkeypatch.setattr(deidentify_file, "map_batches", recorded)
    assert FileJob(source, None, Deidentification()).run().rows == 2
    assert asked == [processes]
    FileJob(source, None, Deidentification(), processes=3).run()
    assert asked[1:] == [3]


def test_the_residual_risk_is_measured_on_a_labelled_file(tmp_path: Path) -> None:
    path = tmp_path / "labelled.jsonl"
    marked = [{"start": 2, "end": 4, "label": "PERSON"}]
    path.write_text("\n".join(json.dumps({"text": text, "spans": marked}) for text in ("患者张三，男", "这里小小的")))
    risk = measured_risk(path, Deidentification())
    assert (risk.texts, risk.leaking.count) == (2, 1)
    kept = measured_risk(path, Deidentification(keep=("PERSON",)))
    assert kept.leaking.count == 2
    path.write_text('{"text": "no spans"}')
    with pytest.raises(DataError, match="labelled set"):
        measured_risk(path, Deidentification())


@pytest.mark.parametrize(
    ("request_of", "error", "message"),
    [
        (lambda source, folder: Request(source), RecipeError, "nothing to write"),
        (lambda source, folder: Request(source, source), ArtifactError, "the file that is read"),
        (lambda source, folder: Request(folder / "no.csv", folder / "o.csv"), DataError, "Did you mean 'notes.csv'"),
        (lambda source, folder: Request(source, folder / "o.xyz"), RecipeError, "does not say its format"),
        (lambda source, folder: Request(source, folder / "o.txt"), RecipeError, "another ending"),
        (lambda source, folder: Request(source, folder / "o.bio"), RecipeError, "no place for the columns name, note"),
        (lambda source, folder: Request(source, folder / "o.csv", columns=("nmae",)), DataError, "Did you mean 'name'"),
        (lambda source, folder: Request(source, folder / "o.csv", whole=("name",)), RecipeError, "FIELD=CATEGORY"),
        (lambda source, folder: Request(source, folder / "o.csv", method="hide"), RecipeError, "method"),
        (lambda source, folder: Request(source, folder / "o.csv", overrides=("scpe=corpus",)), RecipeError, "scpe"),
        (lambda source, folder: Request(source, folder / "o.csv", restore=True), RecipeError, "--vault"),
        (lambda source, folder: Request(source, folder / "o.csv", labelled=source), RecipeError, "--audit"),
        (
            lambda source, folder: Request(source, folder / "o.csv", method="hash", key_file=folder / "k"),
            RecipeError,
            "key",
        ),
    ],
)
def test_bad_requests_are_refused_and_write_nothing(
    source: Path, tmp_path: Path, request_of: object, error: type[Exception], message: str
) -> None:
    assert callable(request_of)
    with pytest.raises(error, match=message):
        request_of(source, tmp_path).run()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["notes.csv"]
    assert rows(source) == ROWS


def test_an_annotation_export_is_not_taken_for_plain_json_whose_offsets_would_be_lost(tmp_path: Path) -> None:
    source = tmp_path / "export.json"
    task = {"data": {"text": "患者张三发热"}, "annotations": [{"result": []}]}
    source.write_text(json.dumps([task]), encoding="utf-8")
    with pytest.raises(RecipeError, match=r"has rows of 'label_studio'(.|\n)*vocation convert .* --from label_studio"):
        FileJob(source, tmp_path / "out.json", Deidentification()).run()
    assert [path.name for path in tmp_path.iterdir()] == ["export.json"]


def test_a_file_that_is_there_is_replaced_on_demand_alone(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    target.write_text("mine")
    with pytest.raises(ArtifactError, match="--force"):
        Request(source, target).run()
    assert target.read_text() == "mine"
    Request(source, target, force=True).run()
    assert rows(target)[0]["patient"] == "p1"


def test_settings_come_from_a_recipe_and_single_ones_from_the_command(source: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text("name: x\ncorpus:\n  deidentification:\n    method: mask\n    minimum_score: 0.4\n")
    settings = Request(source, settings_file=recipe, overrides=("scope=corpus",), method="hash").settings()
    assert (settings.method.kind, settings.minimum_score, settings.scope) == ("hash", 0.4, "corpus")


def test_the_command_writes_file_and_audit_and_reads_the_review(source: Path, tmp_path: Path) -> None:
    runner, audit = CliRunner(), tmp_path / "audit"
    out = ["--out", str(tmp_path / "out.csv"), "--audit", str(audit)]
    first = runner.invoke(app, ["deidentify", str(source), *out])
    assert first.exit_code == 0, first.output
    assert "PHONE_NUMBER" in first.output
    assert "13800138000" not in first.output
    review = audit / "review.csv"
    filled = (
        review.read_text(encoding="utf-8-sig").replace(",,\n", ",right,right\n").replace(",,\r\n", ",right,right\r\n")
    )
    review.write_text(filled, encoding="utf-8-sig")
    again = runner.invoke(
        app, ["deidentify", str(source), "--audit", str(audit), "--agreement", str(review), "--chinese"]
    )
    assert again.exit_code == 0, again.output
    data = json.loads((audit / "audit.json").read_text(encoding="utf-8"))
    assert data["agreement"]["precision"][""]["value"] == 1.0
    assert review.read_text(encoding="utf-8-sig") == filled
    assert "去标识化审计" in (audit / "audit.html").read_text(encoding="utf-8")


def test_the_command_writes_a_key_and_asks_for_a_file(tmp_path: Path) -> None:
    runner = CliRunner()
    made = runner.invoke(app, ["deidentify", "--new-key", str(tmp_path / "key")])
    assert made.exit_code == 0
    assert (tmp_path / "key").read_text().strip() not in made.output
    assert runner.invoke(app, ["deidentify"]).exit_code == 2
