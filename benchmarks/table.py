"""How results are told: a table for people, JSON for machines, a part of docs/performance.md.

The same lines go to all three, so nothing in the documentation is typed by hand.
"""

import json
import os
import platform
import shlex
import subprocess
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import psutil
from rich.table import Table

from benchmarks.pairs import Line

ROOT: Final = Path(__file__).parent.parent
OUT: Final = ROOT / "benchmarks" / "out"
PAGE: Final = ROOT / "docs" / "performance.md"

_HEADINGS: Final = ("#", "what", "baseline", "ours", "unit", "ratio", "spread", "goal", "")


@dataclass(frozen=True)
class Results:
    """One run of the suite, on one machine."""

    scale: str
    machine: dict[str, str]
    finished_at: str
    took_seconds: int
    lines: tuple[Line, ...]
    profile: str = ""  # In Markdown, as the page has it.


def machine(postgres: str, fsync_seconds: float) -> dict[str, str]:
    """What is measured, and where; to be asked before the first measurement."""
    return {
        "commit": _commit(),
        "cpu": _cpu(),
        "cores": str(os.cpu_count()),
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "load before": " ".join(f"{load:.1f}" for load in os.getloadavg()),
        "fsync": f"{1_000 * fsync_seconds:.2f} ms",
        "system": f"{platform.system()} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "built": _built(),
        "postgresql": postgres,
    }


def _built() -> str:
    """How the interpreter was built: the compiler, how far it optimised, and options such as
    --enable-optimizations, with or without which the same version is not as fast."""
    options = shlex.split(sysconfig.get_config_var("CONFIG_ARGS") or "")
    chosen = [each for each in options if each.startswith(("--enable-", "--with-lto"))]
    flags = (sysconfig.get_config_var("PY_CFLAGS") or "").split()
    level = [flag for flag in flags if flag.startswith("-O")][-1:]
    return " ".join([platform.python_compiler(), *level, *chosen])


def results(
    scale: str,
    where: dict[str, str],
    began_at: datetime,
    lines: Sequence[Line],
    profile: str = "",
) -> Results:
    now = datetime.now(UTC)
    took = round((now - began_at).total_seconds())
    return Results(scale, where, now.isoformat(timespec="seconds"), took, tuple(lines), profile)


def as_json(found: Results) -> dict[str, Any]:
    """Everything that was measured, each pair included."""
    return {
        "scale": found.scale,
        "machine": found.machine,
        "finished_at": found.finished_at,
        "took_seconds": found.took_seconds,
        "lines": [_line_as_json(line) for line in found.lines],
    }


def _line_as_json(line: Line) -> dict[str, Any]:
    return {
        "number": line.number,
        "name": line.name,
        "against": line.against,
        "unit": line.unit,
        "baseline": line.baseline,
        "ours": line.ours,
        "ratio": line.ratio,
        "spread": list(line.spread),
        "pairs": [list(pair) for pair in line.pairs],
        "goal": str(line.goal),
        "met": line.met,
        "note": line.note,
    }


def for_people(found: Results) -> Table:
    table = Table(title=f"{found.scale}: {_machine(found)}", title_justify="left")
    for heading in _HEADINGS:
        table.add_column(heading, justify="right" if heading in ("baseline", "ours") else "left")
    for line in found.lines:
        verdict = "[green]met" if line.met else "[red]missed"
        table.add_row(*_cells(line), verdict)
    return table


def as_markdown(found: Results) -> str:
    """The generated part of the page: a table, and what stands behind each line."""
    rows = [
        f"Scale *{found.scale}*, finished {found.finished_at} after {_minutes(found)}."
        f" {_machine(found)}.",
        "",
        "| " + " | ".join((*_HEADINGS[:-1], "verdict")) + " |",
        "| " + " | ".join("---" for _ in _HEADINGS) + " |",
    ]
    for line in found.lines:
        verdict = "met" if line.met else "**missed**"
        rows.append("| " + " | ".join((*_cells(line), verdict)) + " |")
    rows += ["", "Behind the lines:", ""]
    rows += [f"- {line.number}: {line.note}." for line in found.lines if line.note]
    return "\n".join(rows)


def replaced(page: str, name: str, text: str) -> str:
    """A page with the text between the two marks of a name replaced."""
    begin, end = f"<!-- {name}: generated -->", f"<!-- {name}: end -->"
    before, found, rest = page.partition(begin)
    _, also_found, after = rest.partition(end)
    if not (found and also_found):
        raise ValueError(f"the page has no part {name!r}")
    return f"{before}{begin}\n\n{text}\n\n{end}{after}"


def written(found: Results, out: Path = OUT, page: Path = PAGE) -> Path:
    """Writes the JSON file, and the page's part; returns where the JSON is."""
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"{found.scale}.json"
    path.write_text(json.dumps(as_json(found), indent=2, ensure_ascii=False) + "\n")
    name = f"results of {found.scale}"
    text = replaced(page.read_text(), name, as_markdown(found))
    if found.profile:
        text = replaced(text, f"profile of {found.scale}", found.profile)
    page.write_text(text)
    return path


def _cells(line: Line) -> tuple[str, ...]:
    low, high = line.spread
    return (
        line.number, f"{line.name}, against {line.against}", number(line.baseline),
        number(line.ours), line.unit, f"{line.ratio:.3g}×", f"{low:.3g}–{high:.3g}",
        str(line.goal),
    )  # fmt: skip


def number(value: float) -> str:
    """Three digits that count."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _machine(found: Results) -> str:
    return ", ".join(f"{name} {value}" for name, value in found.machine.items())


def _minutes(found: Results) -> str:
    return "{} min {} s".format(*divmod(found.took_seconds, 60))


def _commit() -> str:
    """What is checked out, with a plus where something was changed since."""
    asked = ["git", "-C", str(ROOT), "describe", "--always", "--dirty=+", "--exclude=*"]
    try:
        return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _cpu() -> str:
    """The processor's name where the system tells it; else its architecture."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
