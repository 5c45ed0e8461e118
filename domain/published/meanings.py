"""What each kind of fact says, in a sentence for those who read the log and not the code.

A fact that has more to say has a docstring, which is published beside this (docs/facts/).
"""

from typing import Final

# By the topic without its prefix.
FACTS: Final = {
    "AccountingPeriod.ApprovalUsed": "An approved entry was made; its approval is used up.",
    "AccountingPeriod.EntryApproved": (
        "One entry into a soft-closed month was approved, by the document it comes from."
    ),
    "AccountingPeriod.HardCloseRequested": "Somebody asks for a month to be closed for good.",
    "AccountingPeriod.HardClosed": "A month, and each before it, is closed for good.",
    "AccountingPeriod.Opened": "The book's calendar begins; every month is open.",
    "AccountingPeriod.Reopened": "A second person has opened a soft-closed month again.",
    "AccountingPeriod.ReopeningRequested": (
        "Somebody asks for a soft-closed month to be opened again."
    ),
    "AccountingPeriod.SoftClosed": (
        "A month, and each before it, takes entries only with a second person's approval."
    ),
    "Book.Opened": (
        "The book was opened: its currency and the zone its days are counted in, for good."
    ),
    "Dealer.Registered": "A dealer and the terms that were agreed with it.",
    "Dealer.Revised": "Other terms of a dealer, from a day on.",
    "DealerAccount.ClaimChargedBack": (
        "The credit of a claim is taken back after an audit: an item on 2241."
    ),
    "DealerAccount.ClaimCredited": "A claim is owed to the dealer: an item on 2241, before tax.",
    "DealerAccount.ClaimsInvoiced": (
        "The tax of the dealer's own invoice for its credited claims is owed to it."
    ),
    "DealerAccount.CreditAllocated": (
        "What was left of a payment is set against an item that is younger."
    ),
    "DealerAccount.ItemsNetted": (
        "What is owed to the dealer is set off against what it owes, item by item."
    ),
    "DealerAccount.MemoPosted": (
        "A memo corrects a line of a statement that the dealer has disputed."
    ),
    "DealerAccount.Opened": "The account of a dealer was opened, in the dealer's currency.",
    "DealerAccount.PaidOut": "Credits of the dealer were paid out to it.",
    "DealerAccount.PaymentReceived": (
        "The dealer has paid; what no item took is an item in its favour."
    ),
    "DealerAccount.ReturnCredited": (
        "A good part that came back is credited: an item on 1122, tax included."
    ),
    "DealerAccount.SaleInvoiced": "A sale is owed by the dealer: an item on 1122, tax included.",
    "DealerAccount.StatementClosed": "A month was stated: no line is added to it any more.",
    "DealerSettlement.Closed": "The month is settled; what was open both ways was netted.",
    "DealerSettlement.Confirmed": "The dealer has confirmed the statement by its content hash.",
    "DealerSettlement.DisputeResolved": "A disputed line was corrected by a memo, or stands.",
    "DealerSettlement.Disputed": "The dealer does not accept one line of the statement.",
    "DealerSettlement.Invoiced": (
        "Invoices were matched to the statement; the tax of its sales is output tax."
    ),
    "DealerSettlement.Issued": (
        "A dealer's statement of a month was issued, as the account has closed it."
    ),
    "DealerSettlement.Reviewed": "Somebody else than the issuer has reviewed the statement.",
    "ExchangeRate.Changed": "The currency is worth another amount of the book's, from a day on.",
    "ExchangeRate.Listed": "The first rate of a currency in the book's, from a day on.",
    "ListedPrice.Changed": "Another price of the part on this list, from a day on.",
    "ListedPrice.Listed": "The first price of a part on a list, from a day on.",
    "Machine.ClaimReleased": "The claim was rejected, and holds the failure no longer.",
    "Machine.ClaimTaken": (
        "A claim holds this failure of this part: another claim for it is refused."
    ),
    "Machine.Registered": "A machine was sold by a dealer; its warranty begins on that day.",
    "Machine.Revised": "The card of a machine says something else from a day on.",
    "Part.Registered": "A part number of the maker's catalogue.",
    "Part.Revised": "The catalogue says something else of the part from now on.",
    "PartsReturn.Disposed": "What became of the parts after inspection.",
    "PartsReturn.Inspected": "What inspection found the parts to be.",
    "PartsReturn.Overdue": "The parts had not come by the day they were due.",
    "PartsReturn.Received": "The parts have come to the custody room.",
    "PartsReturn.Requested": (
        "Parts are to come back: defective ones of a claim, or good ones of a sale."
    ),
    "PartsReturn.Shipped": "The dealer has sent the parts; they are in transit.",
    "PartsSale.PiecesAdded": "More layers of a sold line than the fact of the sale had room for.",
    "PartsSale.ReturnTaken": "A return of good parts takes back pieces of the sale.",
    "PartsSale.Sold": (
        "Parts were sold to a dealer, at the prices and the tax rate of the day it happened."
    ),
    "PartsTransfer.Approved": "The transfer may be dispatched.",
    "PartsTransfer.Cancelled": "The transfer was called off before it was dispatched.",
    "PartsTransfer.Closed": "All that was dispatched was received or resolved.",
    "PartsTransfer.DiscrepancyRecorded": "Pieces did not arrive as they were sent.",
    "PartsTransfer.DiscrepancyResolved": (
        "What became of pieces that did not arrive as they were sent."
    ),
    "PartsTransfer.Dispatched": "The parts have left, in these layers.",
    "PartsTransfer.Received": "Some or all of the parts have arrived.",
    "PartsTransfer.Rejected": "The transfer will not be dispatched.",
    "PartsTransfer.Requested": "Somebody asks for parts at another place.",
    "Payment.Received": "A dealer's payment; its account says which items it pays.",
    "Payout.Paid": "Money was paid out to a dealer; its account says which credits it pays.",
    "Place.Opened": "A warehouse or a custody room of the maker.",
    "Place.Revised": "A place is described otherwise from a day on.",
    "PriceList.Opened": "A price list, with its currency and its first tax rate.",
    "PriceList.VatRateChanged": "The list has another tax rate from a day on.",
    "PurchaseReceipt.Received": "A supplier's delivery was taken into a warehouse.",
    "StockItem.Issued": "Layers left this place, the oldest first.",
    "StockItem.Opened": "The stock of one part at one place begins, with nothing in it.",
    "StockItem.Received": "Layers came to this place.",
    "Supplier.Registered": "A supplier and the terms that were agreed with it.",
    "Supplier.Revised": "Other terms of a supplier, from a day on.",
    "WarrantyClaim.Approved": "Every item was approved as claimed.",
    "WarrantyClaim.ChargedBack": "The credit was taken back after an audit, with its tax.",
    "WarrantyClaim.CreditDenied": "Inspection refused so much that nothing is credited.",
    "WarrantyClaim.Credited": (
        "So much of each item is credited, and the tax that the dealer invoices on top."
    ),
    "WarrantyClaim.PartlyApproved": "Some of what was claimed was approved, item by item.",
    "WarrantyClaim.Rejected": "Nothing of the claim was approved.",
    "WarrantyClaim.ReturnInspected": (
        "What inspection found of a return's pieces, and what stays approved."
    ),
    "WarrantyClaim.ReturnOverdue": "Parts of the claim had not come back by the day they were due.",
    "WarrantyClaim.ReturnRequested": "A return announces pieces that the claim has replaced.",
    "WarrantyClaim.Settled": "The credit was cleared in full.",
    "WarrantyClaim.Submitted": (
        "A dealer claims the cost of a repair, item by item, under the policy of the sale date."
    ),
    "WarrantyPolicy.Amended": "Other terms, for machines sold from a day on.",
    "WarrantyPolicy.Issued": "The first terms of a model's warranty.",
}
