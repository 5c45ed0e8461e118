"""The API over gRPC: converts requests to commands and queries, and their results to messages."""
