"""The stored form, published for those who read a log without this program: docs/facts/."""
