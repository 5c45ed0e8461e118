"""What the request of each mutation means: every field checked, and the one at fault named.

A module for each kind of resource, with a table of its requests at the end. A decoder knows no
ledger, and decides nothing.
"""
