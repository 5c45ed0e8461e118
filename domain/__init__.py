"""Spare parts, warranty claims, returns and settlement: the rules, and nothing else."""
