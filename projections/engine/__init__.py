"""The machinery of views: what one is, and how it is folded, followed, rebuilt and read."""
