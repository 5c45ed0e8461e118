"""The running ledger: the event log, the writer, the services and the command line."""

import os

# The process that starts PostgreSQL may have threads of gRPC. gRPC is not used between fork and
# exec, and its support for forking could end the child there.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "false")
