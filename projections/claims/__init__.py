"""Views of warranty claims: which are under way."""
