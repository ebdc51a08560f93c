"""What the desk does: one function per user verb, and the only place that commits."""
