"""The points of a checklist: what counts as one, where it stands, what it is called."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.core.checklist import is_finished, points

BODY = """## Checklist

**The owner**

- [ ] A group exists.
- a remark, no point
  - [x] A limit is set.

### 使用者

1. [ ] 模型名一字不差。

```
- [ ] an example
```
"""


def test_points_are_the_lines_with_a_box_under_their_heading() -> None:
    assert [(point.group, point.text) for point in points(BODY)] == [
        ("The owner", "A group exists."),
        ("The owner", "A limit is set."),
        ("使用者", "模型名一字不差。"),
    ]


def test_a_point_keeps_its_name_when_others_come_and_go() -> None:
    before = {point.text: point.id for point in points(BODY)}
    after = {point.text: point.id for point in points("- [ ] New.\n" + BODY.replace("- [ ] A group exists.\n", ""))}
    assert before["A limit is set."] == after["A limit is set."]


def test_a_point_that_is_there_twice_is_two_points() -> None:
    assert len({point.id for point in points("- [ ] Again.\n- [ ] Again.")}) == 2


def test_it_is_finished_when_every_point_is_ticked() -> None:
    wanted = points(BODY)
    assert not is_finished(wanted, [wanted[0].id])
    assert is_finished(wanted, [point.id for point in wanted])


@given(st.text(max_size=400))
def test_no_text_breaks_the_reading(text: str) -> None:
    assert len({point.id for point in points(text)}) == len(points(text))
