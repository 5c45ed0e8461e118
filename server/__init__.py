"""The running ledger: the event log, the writer, the services and the command line."""
