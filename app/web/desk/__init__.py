"""Pages for support agents: the queue, one page per ticket, the log."""
