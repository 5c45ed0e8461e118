"""A warranty claim: the form that a request holds, and the claim as the API shows it."""

from typing import Final

from domain import values
from domain.claim_lines import ClaimedItem, ClaimItem, ItemDecision, ItemKind
from domain.claim_states import ClaimState
from domain.errors import InvalidValue
from domain.use_cases.claim_form import ClaimForm
from domain.warranty_claim import WarrantyClaim
from partsledger.v1 import claim_service_pb2 as pb
from server.api.conversions import lines, money, names
from server.api.conversions.book import ShownBook
from server.api.conversions.choices import Choice
from server.api.conversions.rates import rate_message
from server.api.conversions.times import day, day_message, moment_message

STATE: Final = Choice(ClaimState, pb.ClaimState)
ITEM_KIND: Final = Choice(ItemKind, pb.ClaimItemKind)

MOST_ITEMS: Final = 100


def form(claim: pb.Claim, book: str) -> ClaimForm:
    """What the dealer filled in. The user may be missing here: the domain refuses that."""
    lines.require_some(claim.items, "claim.items", MOST_ITEMS)
    read = [_item(item, f"claim.items[{index}]", book) for index, item in enumerate(claim.items)]
    return ClaimForm(
        dealer=names.DEALER.key(claim.dealer, "claim.dealer", book),
        machine=names.MACHINE.key(claim.machine, "claim.machine", book),
        user=values.text(claim.user, "claim.user", most=63),
        failed_on=day(claim.failed_on, "claim.failed_on"),
        causal_part=names.PART.key(claim.causal_part, "claim.causal_part", book),
        fault_code=values.code(claim.fault_code, "claim.fault_code"),
        pre_inspection=_number(claim.pre_inspection, "claim.pre_inspection"),
        work_order=_number(claim.work_order, "claim.work_order"),
        settlement_sheet=_number(claim.settlement_sheet, "claim.settlement_sheet"),
        currency=money.common_currency((a for _, of in read for a in of), "claim.items"),
        items=tuple(item for item, _ in read),
    )


def decision(message: pb.ItemDecision, field: str) -> tuple[ItemDecision, money.Amount]:
    """What is approved of an item, and in which currency."""
    approved = money.not_negative(message.approved, f"{field}.approved")
    because = values.text(message.because, f"{field}.because")
    item = values.count(message.item, f"{field}.item", most=MOST_ITEMS, least=1)
    return ItemDecision(item=item, approved_minor=approved.minor, because=because), approved


def claim_message(claim: WarrantyClaim, book: ShownBook) -> pb.Claim:
    message = pb.Claim(
        name=names.CLAIM.format(book.name, claim.key),
        etag=str(claim.version),
        create_time=moment_message(claim.created_on),
        update_time=moment_message(claim.modified_on),
        dealer=names.DEALER.format(book.name, claim.dealer),
        machine=names.MACHINE.format(book.name, claim.machine),
        user=claim.user,
        failed_on=day_message(claim.failed_on),
        fault_code=claim.fault_code,
        pre_inspection=claim.pre_inspection,
        work_order=claim.work_order,
        settlement_sheet=claim.settlement_sheet,
        causal_part=names.PART.format(book.name, claim.causal_part),
        items=_item_messages(claim, book),
        state=STATE.number(claim.state),
        claimed=money.message(claim.claimed_minor, claim.currency),
        return_due_on=day_message(claim.return_due_on),
        credited_on=day_message(claim.credited_on),
        overdue=claim.overdue,
        policy=names.POLICY.format(book.name, claim.policy),
        policy_version=claim.policy_version,
    )
    progress = claim.progress
    if progress.decisions:
        message.approved.CopyFrom(money.message(progress.approved_minor, claim.currency))
    if progress.vat:
        message.vat_rate.CopyFrom(rate_message(progress.vat.rate))
    if progress.credited:
        message.credited.CopyFrom(money.message(progress.total.net_minor, claim.currency))
        message.tax.CopyFrom(money.message(progress.total.tax_minor, claim.currency))
    return message


def _number(value: str, field: str) -> str:
    return values.text(value, field, required=True, most=63)


def _item(item: pb.ClaimItem, field: str, book: str) -> tuple[ClaimedItem, list[money.Amount]]:
    kind = ITEM_KIND.value(item.kind, f"{field}.kind")
    part, quantity = _replaced(item, kind, field, book)
    inspected = money.not_negative(item.inspected, f"{field}.inspected")
    ordered = money.not_negative(item.ordered, f"{field}.ordered")
    claimed = money.positive(item.claimed, f"{field}.claimed")
    read = ClaimedItem(
        kind=kind,
        part=part,
        quantity=quantity,
        cause_item=values.count(item.cause_item, f"{field}.cause_item", most=MOST_ITEMS) or None,
        inspected_minor=inspected.minor,
        ordered_minor=ordered.minor,
        claimed_minor=claimed.minor,
    )
    return read, [inspected, ordered, claimed]


def _replaced(item: pb.ClaimItem, kind: ItemKind, field: str, book: str) -> tuple[str, int]:
    """Part and quantity that a material line replaced; other lines must not have them."""
    if kind is ItemKind.MATERIAL:
        part = names.PART.key(item.part, f"{field}.part", book)
        return part, values.quantity(item.quantity, f"{field}.quantity")
    for name, value in (("part", item.part), ("quantity", item.quantity)):
        if value:
            raise InvalidValue(f"{field}.{name}", value, f"must be empty for {kind}")
    return "", 0


def _item_messages(claim: WarrantyClaim, book: ShownBook) -> list[pb.ClaimItem]:
    """The items, and once they are decided, what of each is approved and why not more."""
    messages = [_item_message(item, claim.currency, book) for item in claim.items]
    for decision, message in zip(claim.progress.decisions, messages, strict=False):
        approved = claim.progress.approved[decision.item]
        message.approved.CopyFrom(money.message(approved, claim.currency))
        message.because = decision.because
    return messages


def _item_message(item: ClaimItem, currency: str, book: ShownBook) -> pb.ClaimItem:
    message = pb.ClaimItem(
        item=item.item,
        kind=ITEM_KIND.number(item.kind),
        part=names.PART.format(book.name, item.part) if item.part else "",
        quantity=item.quantity,
        cause_item=item.cause_item or 0,
        inspected=money.message(item.inspected_minor, currency),
        ordered=money.message(item.ordered_minor, currency),
        claimed=money.message(item.claimed_minor, currency),
    )
    if item.basis:
        message.unit_price.CopyFrom(money.message(item.basis.unit_price_minor, currency))
        message.price_version = item.basis.price_version
        message.payable.CopyFrom(money.message(item.basis.payable_minor, currency))
    return message
