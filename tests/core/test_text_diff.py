"""Two versions line by line, folded around the changes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.core.text_diff import FOLD, folded, line_diff

LINES = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=12).map("\n".join)


@given(LINES, LINES)
def test_a_diff_holds_both_texts(before: str, after: str) -> None:
    lines = line_diff(before, after)
    assert [text for kind, text in lines if kind != "add"] == before.splitlines()
    assert [text for kind, text in lines if kind != "del"] == after.splitlines()


def test_only_the_neighbourhood_of_a_change_is_shown() -> None:
    before = "\n".join(map(str, range(40)))
    shown = folded(line_diff(before, before.replace("20", "twenty")), context=1)
    assert shown == [FOLD, ("same", "19"), ("del", "20"), ("add", "twenty"), ("same", "21"), FOLD]
