"""What a memo takes from the line that it corrects: its accounts, its net amount and its tax.

Guarantees: the memos of a line are together at most the line; a line that is taken back, at once or
in parts, is taken back to the last minor unit on every account it stands on.
"""

from typing import Final, NamedTuple

from domain import accounts
from domain.account_facts import AccountFact, ClaimsFact
from domain.conversion import Worth, balancing
from domain.dealer_account import DealerAccount
from domain.errors import InvalidValue, OverMemo
from domain.lines import Posting
from domain.values import money_text, share

# What was paid, and what was set off, no memo corrects.
_CORRECTED: Final = (
    DealerAccount.SaleInvoiced, DealerAccount.ReturnCredited, DealerAccount.ClaimCredited,
    DealerAccount.ClaimChargedBack, DealerAccount.ClaimsInvoiced, DealerAccount.MemoPosted,
)  # fmt: skip


class Correction(NamedTuple):
    """What a memo posts: on the dealer's account that the line stands on, and against it."""

    raised: Worth
    against: tuple[Worth, ...]
    claims_tax_minor: int


def correction(line: AccountFact, before_minor: int, memo_minor: int) -> Correction:
    """What a memo posts for a line, after others of `before_minor` in all.

    Debits are positive: a memo of the line's own sign adds to it, one of the other takes it back.
    What it takes back is worth in the book's currency what it was worth on the line.
    """
    whole = sum(p.amount_minor for p in line.postings if p.account in accounts.DEALER_ACCOUNTS)
    _require_within(line, whole, before_minor + memo_minor, memo_minor)
    corrected = [p for p in line.postings if p.account != accounts.EXCHANGE_DIFFERENCE]
    [on_dealer] = [p for p in corrected if p.account in accounts.DEALER_ACCOUNTS]
    first, *others = [p for p in corrected if p.account not in accounts.DEALER_ACCOUNTS]

    def part(posting: Posting) -> Worth:
        amount = share(posting.amount_minor, before_minor, memo_minor, whole)
        functional = posting.functional_minor
        if functional is not None:
            functional = share(functional, before_minor, memo_minor, whole)
        return Worth(posting.account, amount, functional)

    raised, shares = part(on_dealer), [part(posting) for posting in others]
    # The first account against takes what the others leave: the net amount beside the tax.
    rest = balancing(first.account, raised, *shares)
    tax = line.claims_tax_minor if isinstance(line, ClaimsFact) else 0
    return Correction(raised, (rest, *shares), share(tax, before_minor, memo_minor, whole))


def _require_within(line: AccountFact, whole: int, together: int, memo_minor: int) -> None:
    if not isinstance(line, _CORRECTED):
        rule = "must be 0: no memo corrects what was paid or set off"
        raise InvalidValue("memo", memo_minor, rule)
    # A memo can be taken back. More of the same would go beyond the line that it corrected.
    more_of_a_memo = isinstance(line, DealerAccount.MemoPosted) and together * whole > 0
    if abs(together) > abs(whole) or more_of_a_memo:
        currency = line.postings[0].currency
        raise OverMemo(
            f"line {line.originator_version} is {money_text(whole, currency)}, its memos would be"
            f" {money_text(together, currency)} together",
            line_version=line.originator_version, line_minor=whole, memo_minor=memo_minor,
            memos_minor=together,
        )  # fmt: skip
