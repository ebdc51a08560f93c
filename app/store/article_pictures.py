"""Pictures of articles: kept by the digest of their bytes, in the database and in kb/pictures/."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from sqlalchemy import Text, exists, select, type_coerce
from sqlalchemy.orm import undefer

from app.core.article import ArticleState
from app.core.article_pictures import ENDINGS, LARGEST
from app.store.articles import PUBLIC
from app.store.database import db
from app.store.kb_files import put_in_place
from app.store.models import Article
from app.store.models_content import ArticlePicture

FOLDER = "pictures"


def picture(digest: str) -> ArticlePicture | None:
    """One picture with its bytes."""
    return db.session.scalar(select(ArticlePicture).options(undefer(ArticlePicture.data)).where(ArticlePicture.digest == digest))


def known(digests: Collection[str]) -> frozenset[str]:
    """Which of these are kept."""
    return frozenset(db.session.scalars(select(ArticlePicture.digest).where(ArticlePicture.digest.in_(digests))))


def is_public(digest: str) -> bool:
    """Whether a page that anybody may read shows the picture."""
    shown = exists().where(
        Article.state == ArticleState.PUBLISHED,
        Article.audience.in_(PUBLIC),
        type_coerce(Article.body, Text).contains(digest, autoescape=True),
    )
    return bool(db.session.scalar(select(shown)))


def write_picture(kb_dir: Path, found: ArticlePicture) -> None:
    """Put the picture beside the articles' files; one that is there is the same, by its name."""
    target = kb_dir / FOLDER / f"{found.digest}.{ENDINGS[found.media_type]}"
    if not target.exists():
        put_in_place(target, found.data)


def picture_files(kb_dir: Path) -> Iterator[tuple[str, bytes | None]]:
    """(digest its name says, bytes) of every picture file; None for one that is too large."""
    for path in sorted((kb_dir / FOLDER).glob("*.*")):
        if path.suffix.removeprefix(".") in ENDINGS.values():
            yield path.stem, path.read_bytes() if path.stat().st_size <= LARGEST else None
