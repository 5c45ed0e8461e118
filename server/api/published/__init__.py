"""The API, published for those who write programs that call it: docs/api/."""
