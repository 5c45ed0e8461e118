"""The servicers, one a file, without rules of the trade."""
