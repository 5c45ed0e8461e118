"""Looks a book's database over, for `partsledger doctor`: what is well, and what to look after."""
