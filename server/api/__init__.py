"""The API over gRPC: requests become commands and questions, answers become messages."""
