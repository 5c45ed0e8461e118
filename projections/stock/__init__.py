"""Views of stock: what lies where, since when, and what it cost."""
