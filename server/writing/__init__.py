"""Writing: the one place where commands are decided in turn, and their facts committed."""
