"""A module for each kind of document: its columns, and below them the steps they become."""
