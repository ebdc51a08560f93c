"""Keep pictures for articles: drawn anew without a word beside the pixels, named by what they show, written out with the articles."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path

from app.core.article_pictures import LARGEST, shown
from app.core.picture import MEDIA_TYPES, BadPicture, HugePicture, is_picture, media_type_of, plain_picture
from app.store import article_pictures
from app.store.database import db
from app.store.models import Article, User
from app.store.models_content import ArticlePicture

DIGEST_LENGTH = 32


def keep_picture(data: bytes, actor: User, now: datetime) -> ArticlePicture:
    """The picture as articles may show it; the same one twice is kept once. Raises BadPicture, HugePicture."""
    if not is_picture(data):
        raise BadPicture
    if len(data) > LARGEST:
        raise HugePicture
    drawn, media_type = plain_picture(data)
    return _keep(drawn, media_type, actor.id, now)


def export_pictures(article: Article, kb_dir: Path) -> None:
    """Write what the article shows beside its file."""
    for digest in shown(article.body):
        found = article_pictures.picture(digest)
        if found is not None:
            article_pictures.write_picture(kb_dir, found)


def import_pictures(kb_dir: Path, now: datetime) -> list[str]:
    """Take in the picture files that are new; the names of those that are none of ours. The caller commits."""
    strange = []
    files = dict(article_pictures.picture_files(kb_dir))
    for digest in files.keys() - article_pictures.known(files):
        data = files[digest]
        media_type = media_type_of(data) if data and _digest(data) == digest else None
        if data is None or media_type not in MEDIA_TYPES.values():
            strange.append(digest)
        else:
            db.session.add(ArticlePicture(digest=digest, media_type=media_type, data=data, created_at=now))
    return sorted(strange)


def _keep(data: bytes, media_type: str, actor_id: int | None, now: datetime) -> ArticlePicture:
    digest = _digest(data)
    found = article_pictures.picture(digest)
    if found is None:
        found = ArticlePicture(digest=digest, media_type=media_type, data=data, uploaded_by_id=actor_id, created_at=now)
        db.session.add(found)
        db.session.commit()
    return found


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:DIGEST_LENGTH]
