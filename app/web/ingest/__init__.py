"""Gateways send their logs here, with a bearer token and without a session."""

from app.web.ingest import traces as _traces  # its route joins the blueprint
from app.web.ingest.logs import blueprint

__all__ = ["blueprint"]
