"""What sets a guest's report aside: how it was filled, never a failure's own words."""

from __future__ import annotations

import pytest

from app.core.evidence import Evidence
from app.core.spam import Filling, spam_signals

PERSON = Filling(trapped=False, seconds=40, at_least=3)
ADVERT = "cheap http://a.example https://b.example www.c.example"


@pytest.mark.parametrize(
    ("filling", "signal"),
    [
        (Filling(trapped=True, seconds=40, at_least=3), "trapped"),
        (Filling(trapped=False, seconds=2.9, at_least=3), "hurried"),
        (Filling(trapped=False, seconds=None, at_least=3), "no_stamp"),
        (Filling(trapped=False, seconds=40, at_least=3, crowded=True), "crowded"),
    ],
)
def test_each_signal_stands_alone(filling: Filling, signal: str) -> None:
    assert spam_signals(filling, Evidence(), "help") == (signal,)


def test_where_nobody_asks_for_the_time_it_says_nothing() -> None:
    assert spam_signals(Filling(trapped=False, seconds=None, at_least=0), Evidence(), "help") == ()


def test_links_alone_are_spam_and_links_beside_facts_are_not() -> None:
    assert spam_signals(PERSON, Evidence(), ADVERT) == ("links",)
    assert spam_signals(PERSON, Evidence(status_code=502), ADVERT) == ()
    assert spam_signals(PERSON, Evidence(), "see https://www.example.com and https://b.example") == ()
