"""Explains figures: leads each back to entries, documents, base data and people."""
