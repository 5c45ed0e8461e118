"""How fast it is, measured against what a team would otherwise pick."""
