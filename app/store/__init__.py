"""What the desk remembers: every query, table, file and socket."""

from app.store import failure_words as _failure_words  # the log cannot be counted before its words are known
