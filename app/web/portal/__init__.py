"""Pages for the end user: paste an error, file a ticket, follow it."""
