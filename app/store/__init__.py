"""What the desk remembers: every query, table, file and socket."""
