"""The stock of a part at a place as the API shows it."""

from collections.abc import Iterable, Mapping

from domain.layers import quantity_of, value_of
from domain.stock_item import StockItem, stock_key
from partsledger.v1 import stock_service_pb2 as pb
from partsledger.v1.types_pb2 import Step
from projections.stock.on_hand import StockQuantity
from projections.stock.stock_card import CardLine, CardPlace
from server.api.conversions import lines, money, names
from server.api.conversions.book import ShownBook
from server.api.conversions.times import moment_message


def stock_item_message(item: StockItem, book: ShownBook) -> pb.StockItem:
    return pb.StockItem(
        name=names.STOCK_ITEM.format(book.name, item.key),
        etag=str(item.version),
        update_time=moment_message(item.modified_on),
        place=names.PLACE.format(book.name, item.place),
        part=names.PART.format(book.name, item.part),
        quantity=quantity_of(item.layers),
        value=money.sum_message(value_of(item.layers), item.currency),
        layers=lines.layer_messages(item.layers, item.currency),
    )


def stock_quantity_message(line: StockQuantity, book: ShownBook) -> pb.StockItem:
    """For a list: sums, without the layers."""
    return pb.StockItem(
        name=names.STOCK_ITEM.format(book.name, stock_key(line.place, line.part)),
        place=names.PLACE.format(book.name, line.place),
        part=names.PART.format(book.name, line.part),
        quantity=line.quantity,
        value=money.sum_message(line.value_minor, book.currency),
    )


def stock_card_message(
    opening: CardPlace, lines: Iterable[CardLine], steps: Mapping[int, Step], book: ShownBook
) -> pb.ListStockCardLinesResponse:
    """Without what it says of the page. `steps` are the entries of the lines, by position."""
    return pb.ListStockCardLinesResponse(
        opening_quantity=opening.quantity,
        opening_value=money.sum_message(opening.value_minor, book.currency),
        lines=[_card_line(line, steps[line.after.position], book) for line in lines],
    )


def _card_line(line: CardLine, step: Step, book: ShownBook) -> pb.StockCardLine:
    return pb.StockCardLine(
        step=step,
        place=names.PLACE.format(book.name, line.after.place),
        other_place=names.PLACE.format(book.name, line.after.other),
        quantity=line.quantity,
        value=money.sum_message(line.value_minor, book.currency),
        balance_quantity=line.after.quantity,
        balance_value=money.sum_message(line.after.value_minor, book.currency),
    )
