"""The design page and what the design system promises: contrast, size, icons, documented components."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.settings import Settings

ROOT = Path(__file__).resolve().parent.parent.parent
STYLES = (ROOT / "static/gatedesk.css").read_text(encoding="utf-8")
MACROS = (ROOT / "templates/_macros.html").read_text(encoding="utf-8")
SPRITE = set(re.findall(r'<symbol id="([\w-]+)"', (ROOT / "static/icons.svg").read_text(encoding="utf-8")))
TOKENS = {name: (light, dark) for name, light, dark in re.findall(r"--([\w-]+):light-dark\((#\w+), (#\w+)\)", STYLES)}
SURFACES = ("paper", "sheet", "code-bg")
TEXT_ON = [
    *((text, surface) for text in ("ink", "ink-soft", "accent", "ok", "wait", "fail", "private") for surface in SURFACES),
    *((meaning, f"{meaning}-bg") for meaning in ("ok", "wait", "fail", "private", "accent")),
    *(("ink", f"{meaning}-bg") for meaning in ("ok", "wait", "fail", "private", "accent")),
    ("ink-soft", "private-bg"),
    ("ink-soft", "accent-bg"),
    ("on-accent", "accent"),
    ("on-private", "private"),
    ("paper", "ink"),
    ("sheet", "fail"),
]


@pytest.fixture
def demo(settings: Settings, app: Flask) -> FlaskClient:
    """A stranger in a demonstration installation."""
    settings.demo_marker.touch()
    return app.test_client()


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    digits = colour.removeprefix("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "surface"), TEXT_ON, ids=lambda name: name)
def test_text_stands_out_from_its_surface(text: str, surface: str, theme: int) -> None:
    assert contrast(TOKENS[text][theme], TOKENS[surface][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("surface", ["paper", "sheet"])
def test_the_edge_of_a_field_can_be_seen(surface: str, theme: int) -> None:
    assert contrast(TOKENS["edge"][theme], TOKENS[surface][theme]) >= 3


def test_contrast_is_computed_as_the_standard_says() -> None:
    assert round(contrast("#000", "#ffffff"), 1) == 21.0
    assert round(contrast("#777777", "#fff"), 2) == 4.48


def test_every_token_that_is_used_exists() -> None:
    declared = set(re.findall(r"(--[\w-]+):", STYLES))
    used = set(re.findall(r"var\((--[\w-]+)\)", STYLES + (ROOT / "static/design.css").read_text(encoding="utf-8")))
    assert used - declared == set()


def test_the_style_sheet_stays_small() -> None:
    assert len(STYLES.encode()) <= 25 * 1024


def test_the_first_load_stays_small() -> None:
    files = ("gatedesk.css", "gatedesk.js", "vendor/htmx.min.js", "icons.svg")
    assert sum(len(gzip.compress((ROOT / "static" / name).read_bytes())) for name in files) <= 60 * 1024


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    named = set()
    for path in (ROOT / "templates").rglob("*.html"):
        source = path.read_text(encoding="utf-8")
        named |= set(re.findall(r'(?:icon\(|icon_name=)"([a-z][\w-]*[a-z0-9])"[),]', source))
    assert named - SPRITE == set()
    assert len(named) > 10


@pytest.mark.parametrize("state", ["new", "open", "pending", "on_hold", "solved", "closed", "draft", "in_review", "published", "archived"])
def test_every_state_has_its_own_shape(state: str) -> None:
    assert f"state-{state}" in SPRITE


def test_every_component_says_how_it_is_used() -> None:
    undocumented = [
        name for name in re.findall(r"{%-? macro (\w+)\(", MACROS) if not re.search(rf"{{#(?:(?!#}}).)*\b{name}\(", MACROS, flags=re.DOTALL)
    ]
    assert undocumented == []


def test_every_component_is_on_the_design_page() -> None:
    page = "".join(
        (ROOT / "templates" / name).read_text(encoding="utf-8") for name in ("design/_components.html", "design/index.html", "base.html")
    )
    names = set(re.findall(r"{%-? macro (\w+)\(", MACROS))
    inside = set(re.findall(r"{{ ?(\w+)\(", MACROS))  # parts of other components
    assert {name for name in names - inside if not re.search(rf"\b{name}\(", page)} == set()


def test_the_design_page_shows_both_themes_in_a_demonstration(demo: FlaskClient) -> None:
    answer = demo.get("/design")
    assert answer.status_code == 200
    assert 'data-theme="light"' in answer.text
    assert 'data-theme="dark"' in answer.text


def test_the_design_page_repeats_no_id(demo: FlaskClient) -> None:
    ids = re.findall(r'\sid="([^"]+)"', demo.get("/design").text)
    assert sorted({one for one in ids if ids.count(one) > 1}) == []


def test_a_reply_and_a_note_cannot_be_confused(demo: FlaskClient) -> None:
    page = demo.get("/design").text
    note = page[page.index("composer-note") : page.index("</form>", page.index("composer-note"))]
    reply = page[page.index("composer-reply") : page.index("</form>", page.index("composer-reply"))]
    assert "Private note" in note
    assert "icons.svg" in note
    assert "#lock" in note
    assert "Save private note" in note
    assert "#lock" not in reply
    assert "Reply to user" in reply


def test_the_key_field_has_an_unnamed_input_for_the_key(demo: FlaskClient) -> None:
    page = demo.get("/design").text
    field = page[page.index("data-key-field") :]
    typed = re.search(r"<input[^>]*>", field[field.index("data-key-typed") :])
    assert typed is not None
    assert "name=" not in typed[0]


def test_there_is_no_design_page_outside_a_demonstration(app: Flask) -> None:
    answer = app.test_client().get("/design")
    assert answer.status_code == 404


def test_an_error_page_carries_its_id_and_a_way_to_report_it(app: Flask) -> None:
    answer = app.test_client().get("/no-such-page")
    number = answer.headers["X-Request-Id"]
    assert answer.status_code == 404
    assert f"about={number}" in answer.text
    assert answer.text.count(number) >= 3


def test_pages_say_their_language_and_offer_the_other(app: Flask) -> None:
    page = app.test_client().get("/no-such-page?lang=zh").text
    assert '<html lang="zh-Hans">' in page
    assert 'hreflang="en"' in page


def test_rows_of_related_tickets_keep_the_words_of_their_buttons_and_labels_whole() -> None:
    related = (ROOT / "templates/desk/_care.html").read_text(encoding="utf-8").split("for relation, other in related", 1)[1]
    row = related.split("<li>", 1)[1].split("</li>", 1)[0]  # in Chinese a squeezed label breaks after every character
    assert row.startswith('<span class="faint nowrap">')
    assert '<div class="nowrap">{{ post_button(_("End")' in row
