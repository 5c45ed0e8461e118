"""`partsledger`, the command."""
