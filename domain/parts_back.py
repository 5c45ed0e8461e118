"""What must come back of a claim: pieces by part, asked for and then found to be what it says."""

from dataclasses import dataclass, field

from domain.errors import OverReturn


@dataclass(slots=True)
class PartsBack:
    """Pieces by part. No more are asked back than were replaced, and the credit waits for all."""

    replaced: dict[str, int] = field(default_factory=dict)
    requested: dict[str, int] = field(default_factory=dict)
    confirmed: dict[str, int] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Every replaced piece has come and was confirmed."""
        return self.confirmed == self.replaced

    def require_replaced(self, claim: str, part: str, quantity: int) -> None:
        """Refuses to ask for more pieces than the claim replaced."""
        replaced, requested = self.replaced.get(part, 0), self.requested.get(part, 0)
        if requested + quantity > replaced:
            raise OverReturn(
                f"claim {claim}: {replaced} of {part} replaced, {requested} requested back,"
                f" {quantity} more",
                claim=claim, part=part, replaced=replaced, returned=requested, requested=quantity,
            )  # fmt: skip

    def request(self, part: str, quantity: int) -> None:
        self.requested[part] = self.requested.get(part, 0) + quantity

    def confirm(self, part: str, quantity: int) -> None:
        self.confirmed[part] = self.confirmed.get(part, 0) + quantity
