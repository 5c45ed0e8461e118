"""`partsledger`: serves the ledger, imports files into it, and prints its reports.

Each command is a file beside this one. It prints its answer on standard output and all else on
standard error; how it ends is in `failure.py`.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from typing import Annotated, Final

import typer

from server.cli import (
    acts,
    ageing,
    backup,
    call,
    channel,
    credentials,
    demo,
    doctor,
    entries,
    explain,
    find,
    import_files,
    keys,
    ledger,
    list_resources,
    open_items,
    rebuild,
    restore,
    serve,
    show,
    statement,
    status,
    token,
    trial_balance,
    verify,
)
from server.cli.encoding import survive_any_locale
from server.cli.failure import INTERRUPTED, NOT_DONE, Failure
from server.cli.tables import err

app = typer.Typer(
    name="partsledger",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=(
        "Exit codes: 0 done · 1 done, but something is wrong: refused lines, a view that differs, "
        "an altered log, something not found · 2 not done: wrong usage, or no server · "
        "130 stopped by Ctrl-C."
    ),
)

_COMMANDS: Final[dict[str, tuple[Callable[..., None], Sequence[str]]]] = {
    "serve": (serve.serve, serve.EXAMPLES),
    "import": (import_files.import_files, import_files.EXAMPLES),
    "ageing": (ageing.ageing, ageing.EXAMPLES),
    "statement": (statement.statement, statement.EXAMPLES),
    "open-items": (open_items.open_items, open_items.ITEM_EXAMPLES),
    "receivables": (open_items.receivables, open_items.RECEIVABLE_EXAMPLES),
    "trial-balance": (trial_balance.trial_balance, trial_balance.EXAMPLES),
    "ledger": (ledger.ledger, ledger.LEDGER_EXAMPLES),
    "stock-card": (ledger.stock_card, ledger.CARD_EXAMPLES),
    "entries": (entries.entries, entries.EXAMPLES),
    "find": (find.find, find.EXAMPLES),
    "show": (show.show_resource, show.EXAMPLES),
    "list": (list_resources.list_resources, list_resources.EXAMPLES),
    **acts.COMMANDS,
    "call": (call.call, call.EXAMPLES),
    "status": (status.status, status.EXAMPLES),
    "rebuild": (rebuild.rebuild, rebuild.EXAMPLES),
    "verify": (verify.verify, verify.EXAMPLES),
    "doctor": (doctor.doctor, doctor.EXAMPLES),
    "backup": (backup.backup, backup.EXAMPLES),
    "restore": (restore.restore, restore.EXAMPLES),
    "keys": (keys.keys, keys.EXAMPLES),
    "token": (token.token, token.EXAMPLES),
    "demo": (demo.demo, demo.EXAMPLES),
}

for name, (command, examples) in _COMMANDS.items():
    # A blank line after each, or the examples flow together.
    app.command(name, epilog="\n\n".join(("Examples:", *examples)))(command)


_GROUPS: Final = {"explain": explain.app}
for name, group in _GROUPS.items():
    app.add_typer(group, name=name)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"partsledger {version('partsledger')}")
        raise typer.Exit


@app.callback()
def partsledger(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print it and exit."
        ),
    ] = False,
    tls_ca: credentials.TlsCa = None,
    tls_certificate: credentials.TlsCertificate = None,
    tls_key: credentials.TlsKey = None,
    token_file: credentials.TokenFile = None,
) -> None:
    """An event-sourced ledger for spare parts and warranty claims."""
    channel.use(credentials.read(tls_ca, tls_certificate, tls_key, token_file))


def run(arguments: Sequence[str]) -> int:
    """Runs one command line; returns its exit code. Nothing foreseeable ends in a traceback."""
    try:
        return app(args=list(arguments), prog_name="partsledger", standalone_mode=False) or 0
    except Failure as failure:
        _complain(str(failure), failure.hint, failure.facts)
        return failure.exit_code
    except typer.TyperException as misuse:
        _complain_of(misuse, arguments)
        return NOT_DONE
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED


def main() -> None:
    survive_any_locale()
    sys.exit(run(sys.argv[1:]))


def _complain_of(misuse: typer.TyperException, arguments: Sequence[str]) -> None:
    """With where to read on. Without a command, all help there is was printed already."""
    if message := misuse.format_message():
        known = arguments and arguments[0] in (*_COMMANDS, *_GROUPS)
        command = f"{arguments[0]} " if known else ""
        _complain(message, f"partsledger {command}--help")


def _complain(message: str, hint: str, facts: Mapping[str, str] | None = None) -> None:
    console = err()
    console.print(f"error: {message}", style="red", soft_wrap=True)
    if facts:
        told = ", ".join(f"{name} = {value}" for name, value in sorted(facts.items()))
        console.print(f"facts: {told}", soft_wrap=True)
    if hint:
        console.print(f"hint: {hint}", soft_wrap=True)
