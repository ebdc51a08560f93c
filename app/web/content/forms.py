"""The editor's form: an article's text and facts, to and from ArticleContent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import BooleanField, HiddenField, IntegerField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp

from app.core.article import ArticleContent, Governance
from app.operations.articles import Change
from app.web.content.words import audience_choices, cause_choices, client_choices, governance_choices, kind_choices
from app.web.context import redactor
from app.web.forms import RedactingForm
from app.web.numbers import whole_number

if TYPE_CHECKING:
    from app.store.models_articles import RevisionNote

LONGEST_BODY = 60_000


class ArticleForm(RedactingForm):
    """Everything a person writes about an article. `edit` is the save they started from."""

    title = StringField(lazy_gettext("Title"), validators=[InputRequired(), Length(max=160)])
    summary = TextAreaField(lazy_gettext("The answer, in one or two sentences"), validators=[Length(max=600)])
    body = TextAreaField(lazy_gettext("Text (Markdown)"), validators=[Length(max=LONGEST_BODY)])
    slug = StringField(lazy_gettext("Address"), validators=[Length(max=96)])
    kind = SelectField(lazy_gettext("Kind"))
    audience = SelectField(lazy_gettext("Who may read it"))
    main_cause = SelectField(lazy_gettext("Main cause"))
    other_causes = SelectMultipleField(lazy_gettext("Also answers"))
    clients = SelectMultipleField(lazy_gettext("Clients"))
    keywords = StringField(lazy_gettext("Words people type"), validators=[Length(max=1_000)])
    related = StringField(lazy_gettext("Related pages"), validators=[Length(max=600)])
    checked_on = StringField(
        lazy_gettext("Facts checked on"),
        validators=[Optional(), Regexp(r"^\d{4}-\d{2}-\d{2}$", message=lazy_gettext("A date such as 2026-11-20."))],
    )
    review_days = IntegerField(lazy_gettext("Review again after (days)"), validators=[InputRequired(), NumberRange(7, 1_000)])
    volatile = BooleanField(lazy_gettext("Can change at any time: review it earlier"))
    sources = TextAreaField(lazy_gettext("Sources"), validators=[Length(max=6_000)])
    author = StringField(lazy_gettext("Named as the writer"), validators=[Length(max=80)])
    governance = SelectField(lazy_gettext("Who may change it"), validate_choice=False)
    follows = HiddenField()
    in_step = BooleanField()
    alt = StringField(lazy_gettext("What the picture shows, in words"), validators=[Length(max=300)])
    change_note = StringField(lazy_gettext("What changes"), validators=[Length(max=300)])
    minor = BooleanField(lazy_gettext("A minor change: the review date stays"))
    edit = HiddenField()

    def __init__(self, **keywords: object) -> None:
        super().__init__(**keywords)
        self.kind.choices = kind_choices()
        self.audience.choices = audience_choices()
        self.governance.choices = governance_choices()
        self.main_cause.choices = [SelectChoice("", _("None")), *cause_choices()]
        self.other_causes.choices = cause_choices()
        self.clients.choices = client_choices()

    @property
    def seen_edit(self) -> int:
        """The save this person started from; -1, which is no save, for nonsense."""
        seen = whole_number(self.edit.data)
        return -1 if seen is None else seen

    @property
    def change(self) -> Change:
        """What the writer says about the version beside its text."""
        note = redactor().clean(self.change_note.data) if self.change_note.data else None
        return Change(note, bool(self.minor.data), whole_number(self.follows.data) if self.in_step.data else None)

    def content(self, before: ArticleContent) -> ArticleContent:
        """What the form says; what it does not ask stays as it was."""
        causes = dict.fromkeys(cause for cause in (self.main_cause.data, *(self.other_causes.data or ())) if cause)
        return ArticleContent(
            title=self.title.data or "",
            summary=self.summary.data or "",
            body=self.body.data or "",
            kind=self.kind.data or before.kind,
            audience=self.audience.data or before.audience,
            causes=tuple(causes),
            clients=tuple(self.clients.data or ()),
            models=before.models,
            keywords=_items(self.keywords.data),
            related=_items(self.related.data),
            checked_on=self.checked_on.data or None,
            review_days=self.review_days.data or before.review_days,
            governance=self.governance.data if self.governance.data in set(Governance) else before.governance,
            volatile=bool(self.volatile.data),
            sources=tuple(line.strip() for line in (self.sources.data or "").splitlines() if line.strip()),
            author=self.author.data or "",
        )


def filled_form(content: ArticleContent, slug: str, edit: int, note: RevisionNote | None = None) -> ArticleForm:
    """The form as the stored version fills it."""
    return ArticleForm(
        formdata=None,
        title=content.title,
        summary=content.summary,
        body=content.body,
        slug=slug,
        kind=content.kind,
        audience=content.audience,
        main_cause=content.causes[0] if content.causes else "",
        other_causes=list(content.causes[1:]),
        clients=list(content.clients),
        keywords=", ".join(content.keywords),
        related=", ".join(content.related),
        checked_on=content.checked_on or "",
        review_days=content.review_days,
        governance=content.governance,
        volatile=content.volatile,
        sources="\n".join(content.sources),
        author=content.author,
        in_step=bool(note and note.follows),
        change_note=(note.change_note or "") if note else "",
        minor=note.minor if note else False,
        edit=str(edit),
    )


def _items(text: str | None) -> tuple[str, ...]:
    """Comma-separated items; full-width commas count."""
    return tuple(item.strip() for item in (text or "").replace("，", ",").split(",") if item.strip())
