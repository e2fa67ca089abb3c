"""The step `perplexity`, on real text that comes with the repository, in both languages."""

from __future__ import annotations

import base64
import pickle
import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from vocation.cleaning import Drop
from vocation.cleaning.perplexity import Perplexity
from vocation.corpus.clean import Chain, Link
from vocation.corpus.refine import CorpusSettings, plan, refine
from vocation.errors import DataError
from vocation.ledger import read_entries
from vocation.prediction.predictor import Description
from vocation.progress import SILENT
from vocation.recipe import load_recipe
from vocation.records import Record
from vocation.tasks.classification import Classification
from vocation.templates import start_project
from vocation.text import Text

ROOT = Path(__file__).resolve().parent.parent.parent
HELD_OUT = "corpus.md"
"""The page whose paragraphs are no part of the Chinese reference."""
ABSTRACTS = ROOT / "examples" / "disease-entities" / "data"
GERMAN = (
    "Der Patient wurde mit starken Brustschmerzen und Atemnot in die Klinik aufgenommen. Die Untersuchung ergab einen "
    "erhöhten Blutdruck sowie Zeichen einer Herzinsuffizienz, die sich nach Gabe von Diuretika deutlich besserten."
)
JAPANESE = (
    "患者は胸の痛みと息切れのため入院しました。検査の結果、血圧が高く、心不全の兆候が見られました。利尿薬の投与後、"
    "症状は著しく改善し、一週間後に退院することができました。"
)


def prose(page: Path) -> str:
    """A page without its code, links and table marks."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.sub(r"`[^`]*`|\]\([^)]*\)|[|#*\[\]]|--+", " ", text)


def sentences(file: Path) -> list[str]:
    """The sentences of a file with a word and its tag a line."""
    blocks = re.split(r"\n\s*\n", file.read_text(encoding="utf-8"))
    return [" ".join(line.split("\t")[0] for line in block.splitlines() if line) for block in blocks]


@pytest.fixture(scope="module")
def references(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("references")
    pages = [*sorted((ROOT / "docs" / "zh").glob("*.md")), ROOT / "README.zh-CN.md"]
    chinese = "\n".join(prose(page) for page in pages if page.name != HELD_OUT)
    (folder / "zh.txt").write_text(chinese, encoding="utf-8")
    (folder / "en.txt").write_text("\n".join(sentences(ABSTRACTS / "train.tsv")), encoding="utf-8")
    return {language: folder / f"{language}.txt" for language in ("zh", "en")}


@pytest.fixture(scope="module")
def good() -> dict[str, list[str]]:
    paragraphs = re.split(r"\n\s*\n", prose(ROOT / "docs" / "zh" / HELD_OUT))
    chinese = [text.strip() for text in paragraphs if len(text.strip()) >= 30]
    english = [text for text in sentences(ABSTRACTS / "test.tsv") if len(text) >= 60]
    assert min(len(chinese), len(english)) >= 15
    return {"zh": chinese, "en": english}


def mashed(draw: random.Random, length: int) -> str:
    keys, place, text = "asdfghjkl;qwertyuiopzxcvbnm", 0, ""
    while len(text) < length:
        place = max(0, min(len(keys) - 1, place + draw.choice((-2, -1, 1, 2, 3))))
        text += keys[place] if draw.random() > 0.12 else " "
    return text


def numbers(draw: random.Random, length: int) -> str:
    cells = (f"{draw.random() * 100:.2f} {draw.randrange(10_000)} {draw.randrange(100)}%" for _ in range(length))
    return "\n".join(cells)[:length]


DAMAGES: dict[str, Callable[[random.Random, str], str]] = {
    "UTF-8 read as Latin-1": lambda draw, text: f"{text}糖尿病患者应当控制饮食。".encode()[-180:].decode("latin-1"),
    "UTF-8 read as GBK": lambda draw, text: "糖尿病患者应当控制饮食，坚持运动，按时服药。".encode().decode(
        "gbk", "replace"
    ),
    "base64": lambda draw, text: base64.b64encode(draw.randbytes(90)).decode(),
    "hexadecimal": lambda draw, text: draw.randbytes(60).hex(),
    "mashed keys": lambda draw, text: mashed(draw, 80),
    "numbers": lambda draw, text: numbers(draw, 100),
    "Chinese characters by chance": lambda draw, text: "".join(chr(draw.randrange(0x4E00, 0x9FA5)) for _ in range(60)),
    "German": lambda draw, text: GERMAN,
    "Japanese": lambda draw, text: JAPANESE,
}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_good_texts_stay_as_they_are(references: dict[str, Path], good: dict[str, list[str]], language: str) -> None:
    step = Perplexity(reference=(str(references[language]),))
    texts = [Text(content) for content in good[language]]
    kept = [text for text in texts if step(text) is text]
    assert len(kept) >= 0.98 * len(texts)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_texts_go(references: dict[str, Path], good: dict[str, list[str]], language: str, damage: str) -> None:
    step, draw = Perplexity(reference=(str(references[language]),)), random.Random(2)
    for content in good[language][:20]:
        drop = step(Text(DAMAGES[damage](draw, content)))
        assert isinstance(drop, Drop), step.perplexity(content)
        assert drop.reason == "unlike the reference"


def test_letters_in_another_order_and_words_of_the_other_language_go(
    references: dict[str, Path], good: dict[str, list[str]]
) -> None:
    steps = {language: Perplexity(reference=(str(path),)) for language, path in references.items()}
    draw = random.Random(1)
    for content in good["en"][:20]:
        assert isinstance(steps["en"](Text("".join(draw.sample(content, len(content))))), Drop)
    assert all(isinstance(steps["en"](Text(content)), Drop) for content in good["zh"])
    english = [isinstance(steps["zh"](Text(content)), Drop) for content in good["en"]]
    print(sum(english) / len(english))
    assert sum(english) > 0.9 * len(english)  # The Chinese pages have English words in them.


def test_two_references_let_both_languages_pass_and_nothing_else(
    references: dict[str, Path], good: dict[str, list[str]]
) -> None:
    step, draw = Perplexity(reference=tuple(map(str, references.values()))), random.Random(4)
    texts = [Text(content) for content in (*good["zh"], *good["en"])]
    assert sum(step(text) is text for text in texts) >= 0.98 * len(texts)
    for damage in ("UTF-8 read as Latin-1", "base64", "hexadecimal", "UTF-8 read as GBK", "mashed keys"):
        assert isinstance(step(Text(DAMAGES[damage](draw, good["en"][0]))), Drop)


def test_short_texts_stay_and_the_limit_can_be_given(references: dict[str, Path]) -> None:
    name = (str(references["en"]),)
    noise = "xq zzkj qqxv"
    assert isinstance(Perplexity(reference=name, minimum_characters=5)(Text(noise)), Drop)
    assert Perplexity(reference=name)(Text(noise)) == Text(noise)
    assert Perplexity(reference=name, minimum_characters=5, maximum=1e9)(Text(noise)) == Text(noise)
    blank = Text("\u200b" * 30)
    assert Perplexity(reference=name, maximum=1.1)(blank) is blank
    sentence = "The patient has a fever and a cough."
    found, allowed = Perplexity(reference=name, maximum=1.5).perplexity(sentence)
    assert allowed == 1.5 < found
    drop = Perplexity(reference=name, maximum=1.5)(Text(sentence))
    assert drop == Drop("unlike the reference", f"perplexity {found:.2f} a byte, 1.50 allowed")


def test_more_tolerance_lets_more_pass_and_a_long_text_is_allowed_less(references: dict[str, Path]) -> None:
    name, short, long = (str(references["en"]),), "a" * 40, "a" * 4000
    usual, lenient, strict = (Perplexity(reference=name, **more) for more in ({}, {"tolerance": 5}, {"quantile": 0.5}))
    assert lenient.perplexity(short)[1] == pytest.approx(2 * usual.perplexity(short)[1])
    assert strict.perplexity(short)[1] < usual.perplexity(short)[1]
    assert usual.perplexity(long)[1] < usual.perplexity(short)[1]


def recipe_with(folder: Path, reference: Path, more: str = "") -> Any:
    recipe = start_project(folder / "project", "classification")
    shutil.copy(reference, recipe.parent / "good.txt")
    return load_recipe(recipe, [f"corpus.cleaning=[{{kind: perplexity, reference: good.txt{more}}}]"]).corpus.cleaning


def test_the_content_of_the_reference_is_a_setting_and_its_place_is_not(
    references: dict[str, Path], tmp_path: Path
) -> None:
    ((step,), (same,)) = (recipe_with(tmp_path / name, references["en"]) for name in "ab")
    (other,) = recipe_with(tmp_path / "c", references["zh"])
    assert step.reference == ("good.txt",)
    assert step.model_dump() == same.model_dump() != other.model_dump()
    assert step.perplexity("The patient has a fever and a cough.") == same.perplexity(
        "The patient has a fever and a cough."
    )
    (given,) = recipe_with(tmp_path / "d", references["en"], f", sha256: {step.sha256}")
    assert given.model_dump() == step.model_dump()
    with pytest.raises(DataError, match=r"not the one that the step was made with(.|\n)*take `sha256` out"):
        recipe_with(tmp_path / "e", references["zh"], f", sha256: {step.sha256}")


def test_a_reference_that_changes_meanwhile_is_told(references: dict[str, Path], tmp_path: Path) -> None:
    name = tmp_path / "good.txt"
    shutil.copy(references["en"], name)
    step = Perplexity(reference=(str(name),))
    name.write_text(name.read_text(encoding="utf-8") + "more", encoding="utf-8")
    with pytest.raises(DataError, match="not the one that the step was made with"):
        step.perplexity("a text that is long enough")
    name.unlink()
    with pytest.raises(DataError, match="cannot be read"):
        step.perplexity("a text that is long enough")


def test_a_reference_of_what_cannot_be_seen_is_told(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("\u200b" * 30_000, encoding="utf-8")
    with pytest.raises(DataError, match="hardly a character that can be seen"):
        Perplexity(reference=(str(tmp_path / "good.txt"),)).perplexity("a text that is long enough")


def test_a_finished_model_needs_no_reference(references: dict[str, Path], tmp_path: Path) -> None:
    name = tmp_path / "good.txt"
    shutil.copy(references["en"], name)
    written = Perplexity(reference=(str(name),)).model_dump(mode="json")
    name.unlink()
    described = {"task": "classification", "cleaning": [written], "head_labels": ["a"]}
    (step,) = Description.model_validate(described).cleaning
    assert step.model_dump(mode="json") == written
    assert not step.at_prediction


def test_the_step_travels_light_and_judges_the_same_elsewhere(references: dict[str, Path]) -> None:
    step = Perplexity(reference=(str(references["en"]),))
    step.perplexity("The patient has a fever and a cough.")
    travelled = pickle.dumps(step)
    assert len(travelled) < 2000
    assert pickle.loads(travelled).perplexity("A cough.") == step.perplexity("A cough.")
    records = [Record(f"f:{row}", {"text": Text(content)}) for row, content in enumerate((GERMAN, "Too short"))]
    losses = Chain((Link.of(pickle.loads(pickle.dumps(step))),))(records).losses
    assert [loss and loss.step for loss in losses] == ["perplexity", None]


def test_the_corpus_is_the_same_with_one_process_and_with_two(references: dict[str, Path], tmp_path: Path) -> None:
    lines = [
        f"{text.replace(',', ' ')},{'ab'[row % 2]}"
        for row, text in enumerate(sentences(ABSTRACTS / "test.tsv"))
        if text
    ]
    draw = random.Random(6)
    lines[3::40] = [f"{mashed(draw, 60).replace(';', ' ')},a" for _ in lines[3::40]]
    (tmp_path / "rows.csv").write_text(
        "text,label\n" + "\n".join(line.replace('"', " ") for line in lines), encoding="utf-8"
    )
    shutil.copy(references["en"], tmp_path / "good.txt")
    found = []
    for processes in (1, 2):
        data = {
            "sources": [{"kind": "csv", "path": "rows.csv"}],
            "cleaning": [{"kind": "perplexity", "reference": "good.txt"}],
            "processes": processes,
        }
        settings, task = CorpusSettings.model_validate(data, context={"base": tmp_path}), Classification()
        folder = tmp_path / str(processes)
        folder.mkdir()
        summary = refine(settings, task, tmp_path, plan(settings, task, tmp_path), folder, SILENT)
        entries = [entry for entry in read_entries(folder) if entry["step"] == "perplexity"]
        found.append((summary["splits"], sorted(entry["detail"] for entry in entries)))
    assert found[0] == found[1]
    assert len(lines[3::40]) <= len(found[0][1]) <= len(lines[3::40]) + 0.02 * len(lines)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "reference\n  Field required"),
        ({"reference": []}, "at least 1 item"),
        ({"reference": 5}, "valid tuple"),
        ({"reference": "a.txt", "encoding": "big5"}, "'utf-8', 'gb18030' or 'utf-16'"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(data: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Perplexity.model_validate(data)
