"""What a team would otherwise pick, each written as well as its own documentation shows."""
