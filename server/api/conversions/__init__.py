"""Messages to domain values and back: pure, total, and never rounding."""
