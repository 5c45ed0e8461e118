"""Converts messages to domain values and back. Nothing here has side effects or rounds."""
