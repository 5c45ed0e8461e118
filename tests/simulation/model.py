"""What the ledger should hold, written a second time and as simply as can be.

Written from the rules (docs/domain.md) and the meaning of the API, in plain dicts and integers,
sharing no code with the domain. A command answers with every rule it breaks; the ledger has to name
one of them.
"""

from tests.simulation.model_settlements import SettlementFlow
from tests.simulation.model_stock import count, joined
from tests.simulation.trade import Lying, Shown, Whereabouts


class Model(SettlementFlow):
    """Books, parts, claims, returns, settlements; and a look at all of it."""

    def shown(self) -> Shown:
        return Shown(
            trial_balance={
                key: amount for key, amount in self.balances.items() if amount
            },
            stock={
                where: [
                    Lying(batch.origin, batch.arrived, batch.receipt, batch.pieces, batch.value)
                    for batch in joined(batch._replace(counts=batch.arrived) for batch in row)
                ]
                for where, row in self.stock.items()
                if row
            },
            open_items={
                dealer: {name: item.amount for name, item in account.items.items()}
                for dealer, account in self.accounts.items()
            },
            item_days={key: amount for key, amount in self.item_days.items() if amount},
            statements={key: each.stated for key, each in self.settlements.items()},
            transfers={
                number: {
                    part: Whereabouts(
                        dispatched, count(each.transit[part]), each.received[part],
                        count(each.discrepant.get(part, [])), each.resolved[part],
                    )
                    for part, dispatched in each.dispatched.items()
                }
                for number, each in self.transfers.items()
            },
            left_over={},
        )  # fmt: skip
