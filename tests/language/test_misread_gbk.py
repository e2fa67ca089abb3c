"""UTF-8 that was read as GBK."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.language.misread_gbk import RUN, read_anew, rereading

GOOD = "你好治疗方案病人血压正常的了是，。“”（）——abc1"


@given(st.text(GOOD, min_size=4, max_size=20))
def test_a_run_comes_back_whole_or_not_at_all(good: str) -> None:
    misread = good.encode().decode("gb18030", errors="replace")
    for run in RUN.finditer(misread):
        read = read_anew(run[0])
        assert read is None or read in good


@given(st.text(GOOD, min_size=2, max_size=20))
def test_good_text_is_never_read_anew(good: str) -> None:
    assert all(read_anew(run[0]) is None for run in RUN.finditer(good))


@given(st.text(GOOD, min_size=2, max_size=20))
def test_the_edits_of_a_run_make_what_was_read(good: str) -> None:
    misread = good.encode().decode("gb18030", errors="replace")
    for run in RUN.finditer(misread):
        read = read_anew(run[0])
        if read is not None:
            edits = list(rereading(run[0], read, run.start()))
            assert "".join(edit.new for edit in edits) == read
            assert [edit.start for edit in edits] == [run.start(), *(edit.end for edit in edits[:-1])]
            assert edits[-1].end == run.end()


@pytest.mark.parametrize(
    ("misread", "read"),
    [
        ("浣犲ソ", "你好"),
        ("鈥檚", "’s"),
        ("鎴戜滑", "我们"),
        ("鎮ㄥソ锛屾垜", "您好，我"),
        ("锟斤拷", None),
        ("馃槉", None),
        ("锛屾垜浠", None),
    ],
)
def test_only_runs_that_lost_nothing_are_read_anew(misread: str, read: str | None) -> None:
    assert read_anew(misread) == read
