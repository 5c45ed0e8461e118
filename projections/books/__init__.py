"""Views of the whole book: its journal, its balances, and its documents."""
