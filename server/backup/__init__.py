"""Backups of a book: taken while it is served, and restored where there is none of it."""
