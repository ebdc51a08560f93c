"""One module per log format; each turns one decoded line into one canonical record."""
