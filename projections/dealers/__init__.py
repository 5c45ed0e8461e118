"""Views of dealers: what each owes and is owed, and its monthly statements."""
