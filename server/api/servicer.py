"""What every servicer is given, and the ways through it: commands, a look at one thing, a list."""

from typing import Any

import grpc

from server.api.commands import Commands
from server.api.conversions.names import NamePattern
from server.api.listing import listed
from server.api.reads import Reads
from server.api.resource import Resources
from server.api.schema import response_to

Method = Any  # Of the servicer that is given it; its generated base knows the types.


class Servicer:
    """The base of all servicers: they differ in names, not in what they do."""

    def __init__(self, commands: Commands, reads: Reads, resources: Resources) -> None:
        self._commands = commands
        self._reads = reads
        self._resources = resources

    def run(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Every mutation: what it means is found by the type of its request."""
        return self._commands.run(context, request)

    def run_batch(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Every batch of mutations (server/api/batches.py)."""
        return self._commands.run_batch(context, request)

    @staticmethod
    def get(name: NamePattern) -> Method:
        """The method that gets a resource with such a name, as the log has it now.

        The log answers at once, so a `min_position` is either reached or not one.
        """

        def get(self: Servicer, request: Any, context: grpc.ServicerContext) -> Any:
            book, key = name.parse(request.name, "name")
            self._reads.require_book(book)
            position = self._reads.log_position(request.min_position)
            resource = self._resources.named[name]
            found = resource.message(self._reads.aggregate(resource.kind, key), self._reads.book)
            return response_to(request.DESCRIPTOR).holding(found, as_of_position=position)

        return get

    @staticmethod
    def list(name: NamePattern) -> Method:
        """The method that lists the resources with such names, page by page."""

        def list_(self: Servicer, request: Any, context: grpc.ServicerContext) -> Any:
            page = listed(self._resources.named[name], self._reads, context, request)
            return response_to(request.DESCRIPTOR).holding(
                page.messages,
                next_page_token=page.next_page_token,
                as_of_position=page.as_of_position,
            )

        return list_
