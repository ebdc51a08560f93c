"""The WSGI entry point: `flask --app wsgi`, or any WSGI server with `wsgi:app`."""

import gc

from app import create_app

app = create_app()
# What is loaded stays for good: without it a full collection takes milliseconds, with it a tenth of a second of somebody's page.
gc.collect()
gc.freeze()
