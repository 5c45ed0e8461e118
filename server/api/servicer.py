"""The base of all servicers, with the methods they have in common: commands, Get and List."""

from collections.abc import Mapping
from typing import Any, ClassVar

import grpc

from server.api.commands import Commands
from server.api.conversions.names import NamePattern
from server.api.listing import listed
from server.api.permissions import Permission
from server.api.reads import Reads
from server.api.resource import Resources
from server.api.schema import response_to

Method = Any  # Of a servicer. Its types are those of the method in the generated base class.


class Servicer:
    """A servicer names its methods; most of them do the same as those of other servicers.

    `OWN` says who may call the methods that only this servicer has.
    """

    OWN: ClassVar[Mapping[str, Permission]] = {}

    def __init__(self, commands: Commands, reads: Reads, resources: Resources) -> None:
        self._commands = commands
        self._reads = reads
        self._resources = resources

    async def run(self, request: Any, context: Any) -> Any:
        """Runs a mutation. The type of the request tells which."""
        return await self._commands.run(context, request)

    async def run_batch(self, request: Any, context: Any) -> Any:
        """Runs a batch of mutations (server/api/batches.py)."""
        return await self._commands.run_batch(context, request)

    @staticmethod
    def get(name: NamePattern) -> Method:
        """The Get method of resources with such names.

        It reads the log, so it never waits for a `min_position`.
        """

        def get(self: Servicer, request: Any, context: grpc.ServicerContext) -> Any:
            book, key = name.parse(request.name, "name")
            self._reads.require_book(book)
            position = self._reads.log_position(request.min_position)
            resource = self._resources.named[name]
            aggregate = self._reads.aggregate(resource, key)
            found = resource.message(aggregate, self._reads.shown_book)
            return response_to(request.DESCRIPTOR).holding(found, as_of_position=position)

        return get

    @staticmethod
    def list(name: NamePattern) -> Method:
        """The List method of resources with such names (server/api/listing.py)."""

        def list_(self: Servicer, request: Any, context: grpc.ServicerContext) -> Any:
            page = listed(self._resources.named[name], self._reads, context, request)
            return response_to(request.DESCRIPTOR).holding(
                page.messages,
                next_page_token=page.next_page_token,
                as_of_position=page.as_of_position,
                unreachable=page.unreachable,
            )

        return list_
