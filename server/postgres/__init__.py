"""PostgreSQL: how it is found, started and stopped, and how we speak to it."""
