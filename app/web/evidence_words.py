"""Evidence fields in the reader's words."""

from __future__ import annotations

from flask_babel import gettext as _

from app.web.kept_words import said_once


@said_once
def field_labels() -> dict[str, str]:
    """Every field a cause may need, as a label."""
    return {
        "client": _("Program"),
        "client_version": _("Program version"),
        "model": _("Model"),
        "status_code": _("Status code"),
        "error_text": _("Error text"),
        "key": _("Key, masked"),
        "request_id": _("Request id"),
        "task_id": _("Task id"),
        "request_time": _("Time of the failure"),
        "stream": _("Streaming"),
        "request_type": _("Kind of request"),
        "base_url": _("Base URL"),
        "elapsed_seconds": _("Seconds until it failed"),
        "retry_after_seconds": _("Wait the message names"),
        "gateway": _("Gateway"),
        "via_proxy": _("VPN or proxy"),
        "charged": _("Charged or not"),
    }
