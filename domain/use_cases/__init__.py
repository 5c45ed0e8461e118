"""What a caller can do: each loads what it needs, checks, and lets the aggregates record."""
