"""Example data: a maker's half year as its ERP would export it, made from a seed."""
