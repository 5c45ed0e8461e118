"""Who calls the server: roles, tokens, the keys they are signed with, and certificates."""
