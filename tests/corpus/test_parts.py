"""Parts: published whole and in order, with the place that the next one begins at."""

from __future__ import annotations

from pathlib import Path

import pytest

from vocation.corpus.parts import Place, described, finished, new_part, reached, write_state


def write(folder: Path, number: int, place: Place, *files: str) -> None:
    with new_part(folder, number) as part:
        write_state(part, [{"path": file} for file in files], place)


def test_parts_come_in_order_and_say_where_the_next_one_begins(tmp_path: Path) -> None:
    assert finished(tmp_path) == []
    assert reached([]) == Place(0, 0)
    write(tmp_path, 0, Place(0, 70))
    write(tmp_path, 1, Place(2, 5), "a.csv", "b.csv")
    write(tmp_path, 2, Place(3, 0), "c.csv")
    parts = finished(tmp_path)
    assert [part.name for part in parts] == ["000000", "000001", "000002"]
    assert [reached(parts[:end]) for end in (1, 2, 3)] == [Place(0, 70), Place(2, 5), Place(3, 0)]
    assert [file["path"] for file in described(parts)] == ["a.csv", "b.csv", "c.csv"]


def test_a_part_that_was_not_finished_is_begun_anew(tmp_path: Path) -> None:
    def fail() -> None:
        with new_part(tmp_path, 0) as part:
            (part / "half.txt").touch()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert finished(tmp_path) == []
    write(tmp_path, 0, Place(1, 0))
    assert not (finished(tmp_path)[0] / "half.txt").exists()
