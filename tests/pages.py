"""Read a page as a person without scripts does: its words, its links, its forms with what they would send."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

from werkzeug.test import TestResponse

UNSEEN = {"script", "style", "template", "select", "datalist"}


@dataclass
class Form:
    """A form: where it goes, and what it would send as it stands."""

    action: str
    method: str
    sends: dict[str, str] = field(default_factory=dict)


class Page(HTMLParser):
    """A parsed page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html, self.forms, self.links = html, [], {}
        self._words: list[str] = []
        self._unseen = 0
        self._area: str | None = None
        self._select: tuple[str, bool] | None = None
        self._link: str | None = None
        self.feed(html)

    forms: list[Form]
    links: dict[str, str]  # address → words

    @property
    def text(self) -> str:
        """The words a reader sees, spaces folded."""
        return " ".join(" ".join(self._words).split())

    def form(self, action: str) -> Form:
        """The form that goes there."""
        return next(form for form in self.forms if form.action.split("?")[0] == action)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._unseen += tag in UNSEEN
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get")))
        elif tag == "a":
            self._link = given.get("href")
        elif tag == "select":
            self._select = (given.get("name", ""), False)
        elif tag == "textarea":
            self._area = given.get("name")
            if self.forms and self._area:
                self.forms[-1].sends[self._area] = ""
        elif self.forms and tag == "input" and given.get("name") and given.get("type") not in {"checkbox", "radio", "submit"}:
            self.forms[-1].sends[given["name"]] = given.get("value", "")
        elif self.forms and tag == "option" and self._select:
            name, decided = self._select
            if "selected" in given or not decided:
                self.forms[-1].sends[name] = given.get("value", "")
            self._select = (name, True)

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in UNSEEN and self._unseen > 0
        if tag == "textarea":
            self._area = None
        elif tag == "select":
            self._select = None
        elif tag == "a":
            self._link = None

    def handle_data(self, data: str) -> None:
        if self._area and self.forms:
            sends = self.forms[-1].sends
            sends[self._area] = (sends.get(self._area, "") + data).removeprefix("\n").removeprefix("\r\n")
        if self._link is not None:
            self.links[self._link] = self.links.get(self._link, "") + data
        if not self._unseen:
            self._words.append(data)


def read(answer: TestResponse) -> Page:
    """The page of an answer."""
    return Page(answer.get_data(as_text=True))
