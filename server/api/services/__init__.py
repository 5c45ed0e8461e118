"""Who serves what: one servicer a file, no rule in any."""
