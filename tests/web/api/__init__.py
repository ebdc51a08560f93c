"""The ticket interface, as programs use it."""
