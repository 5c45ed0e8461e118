"""Messages to use cases and back: one servicer a file, no rule in any."""
