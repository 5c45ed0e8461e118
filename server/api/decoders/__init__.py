"""Decodes the requests of all mutations: checks each field, and names the one that is wrong.

There is a module for each kind of resource, with the table of its requests at the end. Decoders do
not use the ledger: whether a command is allowed is for its use case to decide.
"""
