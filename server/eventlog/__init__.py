"""The immutable log of a book in PostgreSQL: a persistence module for `eventsourcing`.

`PERSISTENCE_MODULE=server.eventlog` finds its one factory here.
"""

from server.eventlog.factory import Factory as Factory
