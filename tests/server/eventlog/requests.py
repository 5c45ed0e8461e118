"""Ids of requests, as callers make them."""

GR_1 = "5f0c1a52-8f0e-4d0b-9a59-0c1f7a3c0001"
R_1 = "5f0c1a52-8f0e-4d0b-9a59-0c1f7a3c0011"
R_2 = "5f0c1a52-8f0e-4d0b-9a59-0c1f7a3c0012"
R_3 = "5f0c1a52-8f0e-4d0b-9a59-0c1f7a3c0013"
