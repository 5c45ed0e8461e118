"""`partsledger token`: signs a token with a key of `partsledger keys`."""

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from domain import people, values
from domain.errors import InvalidValue
from server.access.roles import Role
from server.cli.failure import Failure
from server.cli.keys import ISSUER, SIGNING_KEY, Directory

EXAMPLES: Final = (
    "partsledger token --name li.ming --role finance",
    "partsledger token --name dms-d01 --role dealer --dealer D01 --hours 1",
    "partsledger token --name erp --role erp --speaks-for-anyone --certificate keys/client.pem",
)

Name = Annotated[str, typer.Option("--name", metavar="NAME", help="Who calls: a person, a system.")]
RoleOption = Annotated[list[Role], typer.Option("--role", help="What it may do; may be repeated.")]
Dealer = Annotated[
    str, typer.Option(metavar="DEALER", help="The one dealer it is kept to, with --role dealer.")
]
SpeaksFor = Annotated[
    list[str] | None,
    typer.Option("--speaks-for", metavar="NAME", help="Who may be named as responsible."),
]
SpeaksForAnyone = Annotated[
    bool, typer.Option("--speaks-for-anyone", help="Whoever is named, as an ERP needs it.")
]
Hours = Annotated[int, typer.Option(min=1, max=8760, help="How long it holds.")]
Certificate = Annotated[
    Path | None,
    typer.Option(metavar="PEM", help="It counts with this client certificate only."),
]
Audience = Annotated[str, typer.Option(metavar="AUD", help="Which servers it is for.")]
Issuer = Annotated[str, typer.Option(metavar="ISS", help="In whose name it is issued.")]


def token(
    name: Name,
    role: RoleOption,
    directory: Directory = Path("keys"),
    dealer: Dealer = "",
    speaks_for: SpeaksFor = None,
    speaks_for_anyone: SpeaksForAnyone = False,
    hours: Hours = 8,
    certificate: Certificate = None,
    audience: Audience = "partsledger",
    issuer: Issuer = ISSUER,
) -> None:
    """Prints a token, signed with the key that `partsledger keys` has made: for development."""
    from server.access.errors import BadKeys
    from server.access.signing import loaded_key, signed

    if (Role.DEALER in role) != bool(dealer) or (dealer and len(role) > 1):
        raise Failure("--role dealer and --dealer go together, and stand alone")
    name = _checked(people.named, name, "--name")
    claims: dict[str, Any] = {"roles": [str(each) for each in role]}
    if dealer:
        claims["dealer"] = _checked(values.code, dealer, "--dealer")
    if speaks_for_anyone or speaks_for:
        named = [_checked(people.named, each, "--speaks-for") for each in speaks_for or ()]
        claims["speaks_for"] = ["*"] if speaks_for_anyone else named
    if certificate is not None:
        claims["cnf"] = {"x5t#S256": _thumbprint(certificate)}
    try:
        key = loaded_key(directory / SIGNING_KEY)
    except BadKeys as unusable:
        raise Failure(str(unusable), "make keys first, with `partsledger keys`") from None
    print(signed(key, name, issuer, audience, hours * 3600, claims))


def _checked(rule: Any, value: str, option: str) -> Any:
    try:
        return rule(value, option)
    except InvalidValue as refused:
        raise Failure(str(refused)) from None


def _thumbprint(certificate: Path) -> str:
    from server.access.tokens import thumbprint_of

    try:
        return thumbprint_of(certificate.read_text())
    except (OSError, ValueError) as unusable:
        raise Failure(f"--certificate {certificate}: {unusable}") from None
