"""The running ledger: the event log, the writer, the services and the command line."""

import os

# PostgreSQL is started from a process that may be full of gRPC's threads. Nobody calls gRPC between
# fork and exec, and brought to life there it can end the child.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "false")
