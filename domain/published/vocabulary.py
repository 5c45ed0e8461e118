"""What each stored field means, and in which unit.

A name means the same wherever it stands. Where one record means something more exact by it, that
stands under `Record.name`. A test holds this and the models together.
"""

from typing import Final, NamedTuple


class Word(NamedTuple):
    meaning: str
    unit: str = ""


MINOR: Final = "minor units of `currency`"
OF_BOOK: Final = "minor units of the book's currency"
PIECES: Final = "pieces"
FRACTION: Final = "fraction: 0.13 is 13 %"
DAY: Final = "day"
MONTH: Final = "month, as 2025-07"
KEY: Final = "key of a stream"

FIELDS: Final[dict[str, Word]] = {
    "account": Word("The account it is posted to.", "account (rules.md)"),
    "account_minor": Word("What its account says, summed over all that was compared.", MINOR),
    "again": Word("How many of the pieces inspection had refused before.", PIECES),
    "amount_minor": Word("The amount.", MINOR),
    "Posting.amount_minor": Word("Debit positive, credit negative.", MINOR),
    "approval_version": Word(
        "The approval that is used up, by its version in this stream.", "version"
    ),
    "approved": Word("What stays approved of each item after inspection."),
    "approved_document": Word("The document that may be entered.", "text"),
    "approved_minor": Word("What is approved of the item.", MINOR),
    "arrived_on": Word("The day the pieces came to the place that they leave.", DAY),
    "basis": Word("The most that the policy pays for it, and why; of material items only."),
    "because": Word("The reason, as somebody has given it.", "text"),
    "book_currency": Word("The book's currency, where something is in another one.", "ISO 4217"),
    "causal_part": Word("The part whose failure caused the repair.", "number, of stream `parts/…`"),
    "cause": Word("What was wrong with the pieces."),
    "cause_item": Word("The material item that this one follows: refused with it.", "item number"),
    "caused_by": Word("The document whose step caused it.", KEY),
    "caused_by_version": Word("That step, by its version in the document's stream.", "version"),
    "chargeback_months": Word("How long after the credit it can be taken back.", "months"),
    "claim": Word("The claim.", "number, of stream `claims/…`"),
    "claim_items": Word("How many pieces are of which item of the claim."),
    "claimed_minor": Word("What is claimed: the amount of the settlement sheet.", MINOR),
    "claims_invoice": Word("Number of the dealer's invoice for its claims.", "text"),
    "claims_line_count": Word("How many lines are credits of claims, or take them back.", "lines"),
    "claims_minor": Word("Net amount of these lines.", MINOR),
    "claims_tax_minor": Word("By how much it raises the tax that the dealer invoices.", MINOR),
    "Statement.claims_tax_minor": Word("Tax of these lines, by the dealer's invoice.", MINOR),
    "claims_vat_rate": Word("The dealer's own tax rate for claims, if it has one.", FRACTION),
    "closing_minor": Word("Opening + debit − credit.", MINOR),
    "compared": Word("How many pairs of figures were compared.", "pairs"),
    "content_hash": Word("Hash of head and lines of the statement (rules.md).", "hexadecimal"),
    "conversion": Word(
        "The rate at which what it raises was converted; none in the book's currency."
    ),
    "counts_from": Word("The day the arrival counts, where that is a later one.", DAY),
    "covered_causes": Word("The fault codes that are covered; none: all.", "text"),
    "credit_minor": Word("Sum of the lines in the dealer's favour.", MINOR),
    "credited": Word("What is credited of each item now."),
    "currency": Word("The currency of all amounts of this record.", "ISO 4217"),
    "Book.Opened.currency": Word("The book's currency: inventory is valued in it.", "ISO 4217"),
    "custody": Word("Whether the place is a custody room, for parts that came back."),
    "dealer": Word("The dealer.", "number, of stream `dealers/…`"),
    "dealer_version": Word("Version of the dealer's terms that gave the due day.", "version"),
    "dealers_stated": Word("How many of them have been issued it.", "dealers"),
    "dealers_with_lines": Word(
        "How many dealers have lines on the statement of the month.", "dealers"
    ),
    "debit_minor": Word("Sum of the lines that the dealer owes.", MINOR),
    "decisions": Word("What is decided of each item, in the order of the items."),
    "description": Word("What it is called.", "text"),
    "disposal": Word("What becomes of the parts."),
    "document": Word("The paper it came from, if one was named.", "text"),
    "due_on": Word("The last day on which it is not late.", DAY),
    "Posting.due_on": Word("When the item is due; only where it is raised.", DAY),
    "effective_from": Word("The first day on which it holds.", DAY),
    "effective_on": Word("The day it counts in the books.", DAY),
    "entered": Word("The document that was entered.", KEY),
    "failed_on": Word("The day of the failure.", DAY),
    "fault_code": Word("The code of the fault.", "text"),
    "figure_minor": Word("What was counted, summed over all that was compared.", MINOR),
    "finding": Word("What inspection found."),
    "fingerprint": Word("SHA-256 over the pairs that were compared (rules.md).", "hexadecimal"),
    "first_version": Word("Version of the first line; 0 without lines.", "version"),
    "from": Word("The place that the pieces leave.", "place (rules.md)"),
    "from_currency": Word("The currency of which a rate gives one unit.", "ISO 4217"),
    "from_place": Word("The place that the parts leave.", "place (rules.md)"),
    "functional_minor": Word("What it is worth in the book's currency.", OF_BOOK),
    "handling_rate": Word("What is paid on top of the price of a claimed part.", FRACTION),
    "inspected_minor": Word("The amount of the pre-inspection.", MINOR),
    "item": Word("Number of the item in its claim, from 1.", "item number"),
    "Posting.item": Word("The open item that it raises or clears.", "item (rules.md)"),
    "items": Word("What is claimed, item by item."),
    "kind": Word("Which kind it is."),
    "last_version": Word("Version of the last line; 0 without lines.", "version"),
    "layers": Word("The layers that these pieces are made of."),
    "level": Word("The dealer's level.", "text"),
    "line": Word("The pieces it is about."),
    "line_count": Word("How many lines the statement has.", "lines"),
    "line_version": Word("The line, by its version in the account's stream.", "version"),
    "lines": Word("Its lines."),
    "lot": Word("The supplier's lot.", "text"),
    "machine": Word("The machine.", "number, of stream `machines/…`"),
    "memo_minor": Word("The memo: a debit memo positive; 0: the line stands.", MINOR),
    "model": Word("The machine's model.", "text"),
    "month": Word("The month.", MONTH),
    "movements": Word("The parts that it moves."),
    "net_functional_minor": Word(
        "What the amount before tax was worth when it was raised.", OF_BOOK
    ),
    "net_minor": Word("The amount before tax.", MINOR),
    "note": Word("What inspection notes.", "text"),
    "occurred_on": Word("The day it happened.", DAY),
    "opening_minor": Word("Closing balance of the statement before.", MINOR),
    "ordered_minor": Word("The amount of the work order.", MINOR),
    "origin_on": Word("The day the maker got the pieces.", DAY),
    "parent": Word("The dealer it belongs to.", "number, of stream `dealers/…`"),
    "part": Word("The part.", "number, of stream `parts/…`"),
    "part_class": Word("Its class."),
    "parts_return": Word("The return.", "number, of stream `returns/…`"),
    "party": Word("Whose share of the account it is.", "party (rules.md)"),
    "payable_minor": Word("The most that the policy pays for the item.", MINOR),
    "payment_days": Word("Days from the invoice to the due day.", "days"),
    "pieces": Word("How many pieces are of which item."),
    "place": Word("The place.", "place (rules.md)"),
    "policy": Word("The policy it is decided under.", "number, of stream `policies/…`"),
    "policy_version": Word("Version of the policy.", "version"),
    "postings": Word("The amounts that it posts; they sum to zero in each currency."),
    "pre_inspection": Word("Number of the pre-inspection.", "text"),
    "price_list": Word("The price list.", "number, of stream `price-lists/…`"),
    "price_list_version": Word("Version of the list that gave the tax rate.", "version"),
    "price_version": Word("Version of the part's price on the list.", "version"),
    "proof": Word("What was compared."),
    "proofs": Word("The figures on which the month was closed."),
    "proved_at": Word("The position of the log at which they were read.", "position"),
    "quantity": Word("How many.", PIECES),
    "rate": Word("The tax rate.", FRACTION),
    "Conversion.rate": Word("One unit of the one currency in units of the other.", "decimal text"),
    "ExchangeRate.Changed.rate": Word(
        "One unit of the one currency in units of the other.", "decimal text"
    ),
    "ExchangeRate.Listed.rate": Word(
        "One unit of the one currency in units of the other.", "decimal text"
    ),
    "receipt": Word("The document that brought the pieces.", KEY),
    "region_tier": Word("The tier of the dealer's region.", "text"),
    "resolution": Word("What became of the pieces."),
    "restricted": Word("Whether it is a core part: never sold, nor outside the maker's places."),
    "return_days": Word("Days from approval until replaced parts are due; 0: no duty.", "days"),
    "return_due_on": Word("The day by which replaced parts have to be back.", DAY),
    "sale": Word("The sale.", "number, of stream `sales/…`"),
    "sales_invoice": Word("Number of the maker's invoice for the sales.", "text"),
    "sales_line_count": Word("How many lines are sales, or take sales back.", "lines"),
    "sales_tax_functional_minor": Word("What that tax was worth when it was raised.", OF_BOOK),
    "sales_tax_minor": Word("Tax of these lines.", MINOR),
    "serial": Word("The serial number, of a single piece.", "text"),
    "serviceable": Word("Whether it is sold as a service part."),
    "settlement_sheet": Word("Number of the settlement sheet.", "text"),
    "sold_on": Word("The day it was sold.", DAY),
    "source": Word("Who published the rate.", "text"),
    "statement": Word("The statement."),
    "statement_month": Word("The month on whose statement the line stands.", MONTH),
    "stream": Word("The record that the rate is taken from.", KEY),
    "submission_days": Word("Days from the failure in which a claim can be made.", "days"),
    "supplier": Word("The supplier.", "number"),
    "tax_functional_minor": Word("What the tax was worth when it was raised.", OF_BOOK),
    "tax_minor": Word("The tax on it.", MINOR),
    "tax_number": Word("The dealer's tax number.", "text"),
    "term_months": Word("How long the warranty lasts.", "months"),
    "terms": Word("The terms."),
    "time_zone": Word("The zone in which days are counted.", "IANA name"),
    "title": Word("The dealer's name.", "text"),
    "to": Word("The place that the pieces come to.", "place (rules.md)"),
    "to_currency": Word("The currency it is worth so much of: the book's.", "ISO 4217"),
    "to_place": Word("The place that the parts come to.", "place (rules.md)"),
    "tolerance_minor": Word("By how much the three documents may differ, per item.", MINOR),
    "unit_cost": Word(
        "What the paper says a piece cost, before tax.", "decimal text, in the main unit"
    ),
    "unit_price_minor": Word("The price of a piece, before tax.", MINOR),
    "user": Word("Number of the machine's user.", "text"),
    "value_minor": Word("What the pieces are worth together.", OF_BOOK),
    "PurchaseLine.value_minor": Word("What the pieces cost together, before tax.", OF_BOOK),
    "vat": Word("The tax rate, and what it is taken from."),
    "vat_rate": Word("The tax rate.", FRACTION),
    "version": Word("Version of that record.", "version"),
    "waybill": Word("Number of the waybill.", "text"),
    "work_order": Word("Number of the work order.", "text"),
}
