"""StatementService: statements and open items of dealers, the trial balance and its accounts."""

from datetime import date
from typing import Final

import grpc

from domain.errors import NotFound
from domain.values import FIRST_DAY
from partsledger.v1 import statement_service_pb2 as pb
from partsledger.v1.statement_service_pb2_grpc import StatementServiceServicer
from projections.books.account_lines import LinePlace, account_lines
from projections.books.trial_balance import trial_balance
from projections.dealers.dealer_statement import dealer_statement
from projections.dealers.open_items import open_items
from projections.dealers.receivables import receivables
from server.access.roles import BOOKS, Role, roles
from server.api import own
from server.api.conversions import names, times
from server.api.conversions.entries import account_named, party_named
from server.api.conversions.statements import (
    account_lines_message,
    open_item_message,
    receivables_message,
    statement_message,
    trial_balance_message,
)
from server.api.paging import Bookmark, bookmark_of, cut_to_page, page_size, page_token
from server.api.permissions import Permission
from server.api.servicer import Servicer

_OWN_ACCOUNT: Final = BOOKS | roles(Role.DEALER)
_ROWS: Final = ("lines", "open_items", "pending_claims")


class StatementServicer(Servicer, StatementServiceServicer):
    OWN = {
        "GetStatement": Permission(_OWN_ACCOUNT, own.in_name(names.STATEMENT)),
        "ListOpenItems": Permission(_OWN_ACCOUNT, own.in_parent),
        "GetReceivables": Permission(BOOKS),
        "GetTrialBalance": Permission(BOOKS),
        "ListAccountLines": Permission(_OWN_ACCOUNT, own.as_party),
    }

    def GetStatement(
        self, request: pb.GetStatementRequest, context: grpc.ServicerContext
    ) -> pb.GetStatementResponse:
        book, key = names.STATEMENT.parse(request.name, "name")
        self._reads.require_book(book)
        dealer, _, month = key.partition("/")
        mark = bookmark_of(request) or Bookmark(request.as_of_position, self._reads.today(), "0")
        with self._reads.views(context, request.min_position, mark.position) as now:
            statement = dealer_statement(now, dealer, month)
        if statement is None:
            raise NotFound("Dealer", dealer)
        response = pb.GetStatementResponse(
            statement=statement_message(statement, self._reads.book),
            as_of_position=statement.as_of_position,
        )
        mark = mark._replace(position=statement.as_of_position)
        return cut_to_page(request, response, response.statement, _ROWS, mark)

    def ListOpenItems(
        self, request: pb.ListOpenItemsRequest, context: grpc.ServicerContext
    ) -> pb.ListOpenItemsResponse:
        book, dealer = names.DEALER.parse_or_all(request.parent, "parent")
        self._reads.require_book(book)
        size = page_size(request)
        asked_day = times.optional_day(request.as_of_date, "as_of_date")
        mark = bookmark_of(request) or Bookmark(
            request.as_of_position, asked_day or self._reads.today(), "0"
        )
        if dealer:
            self._reads.aggregate(self._resources.named[names.DEALER], dealer)
        skip = int(mark.after)
        with self._reads.views(context, request.min_position, mark.position) as now:
            found = open_items(now, mark.today, dealer or None, skip=skip, limit=size + 1)
        token = ""
        if len(found.items) > size:
            after = Bookmark(found.as_of_position, mark.today, str(skip + size))
            token = page_token(request, after)
        return pb.ListOpenItemsResponse(
            open_items=[
                open_item_message(item, mark.today, self._reads.book) for item in found.items[:size]
            ],
            next_page_token=token,
            as_of_position=found.as_of_position,
            as_of_date=times.day_message(mark.today),
        )

    def GetReceivables(
        self, request: pb.GetReceivablesRequest, context: grpc.ServicerContext
    ) -> pb.GetReceivablesResponse:
        self._reads.require_book(names.book(request.parent))
        day = times.optional_day(request.as_of_date, "as_of_date") or self._reads.today()
        mark = bookmark_of(request) or Bookmark(request.as_of_position, day, "0")
        with self._reads.views(context, request.min_position, mark.position) as now:
            found = receivables(now, mark.today)
        response = receivables_message(found, self._reads.book)
        mark = mark._replace(position=found.as_of_position)
        return cut_to_page(request, response, response, ["receivables"], mark)

    def GetTrialBalance(
        self, request: pb.GetTrialBalanceRequest, context: grpc.ServicerContext
    ) -> pb.GetTrialBalanceResponse:
        self._reads.require_book(names.book(request.parent))
        day = times.optional_day(request.as_of_date, "as_of_date") or self._reads.today()
        mark = bookmark_of(request) or Bookmark(request.as_of_position, day, "0")
        with self._reads.views(context, request.min_position, mark.position) as now:
            balance = trial_balance(now, mark.today, request.by_party)
        response = trial_balance_message(balance, self._reads.book)
        mark = mark._replace(position=balance.as_of_position)
        return cut_to_page(request, response, response, ["accounts"], mark)

    def ListAccountLines(
        self, request: pb.ListAccountLinesRequest, context: grpc.ServicerContext
    ) -> pb.ListAccountLinesResponse:
        self._reads.require_book(names.book(request.parent))
        account = account_named(request.account, "account")
        party = party_named(request.party, "party")
        size = page_size(request)
        first = times.optional_day(request.from_date, "from_date") or FIRST_DAY
        mark = bookmark_of(request) or Bookmark(
            request.as_of_position,
            times.optional_day(request.to_date, "to_date") or self._reads.today(),
            f"{first.isoformat()}/0/0",
        )
        day, position, line_no = mark.after.split("/")
        after = LinePlace(date.fromisoformat(day), int(position), int(line_no))
        with self._reads.views(context, request.min_position, mark.position) as now:
            found = account_lines(
                now, account, party or None, to=mark.today, after=after, limit=size + 1
            )
        shown = found.lines[:size]
        token = ""
        if len(found.lines) > size:
            last = shown[-1].place
            after_last = f"{last.day.isoformat()}/{last.position}/{last.line_no}"
            token = page_token(request, Bookmark(now.position, mark.today, after_last))
        entries = self._reads.steps_at(line.place.position for line in shown)
        response = account_lines_message(account, found.opening, shown, entries, self._reads.book)
        response.next_page_token, response.as_of_position = token, now.position
        response.to_date.CopyFrom(times.day_message(mark.today))
        return response
