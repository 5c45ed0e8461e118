"""The Node.js example runs the claim flow and the stream against a server with TLS and tokens.

`make node` installs what it needs from the npm registry, and builds it.
"""

import os
import subprocess
from pathlib import Path
from typing import Final

import grpc
import pytest

from server.access.roles import Role
from tests.server.api.access.conftest import MAKER
from tests.server.api.access.protected import KeyedDesk, Signer, protected
from tests.server.api.access.test_tls import HOST, Certificates

ROOT: Final = Path(__file__).parents[2]
EXAMPLE: Final = ROOT / "examples" / "node"
PROGRAM: Final = EXAMPLE / "build" / "claim_flow.js"


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return Certificates(tmp_path)


def test_a_claim_goes_through_and_its_entries_are_read(
    database_url: str, book: str, tmp_path: Path, certificates: Certificates
) -> None:
    signer = Signer(tmp_path)
    with protected(database_url, book, signer, **certificates.settings()) as app:
        trusted = grpc.ssl_channel_credentials(certificates.authority.certificate)
        with grpc.secure_channel(app.address, trusted, [HOST]) as channel:
            erp = KeyedDesk(channel, book, signer.token("erp", Role.ERP, speaks_for=["*"]))
            erp.open_for_business(MAKER)
        port = app.address.rpartition(":")[2]
        done = subprocess.run(
            ["node", str(PROGRAM), f"localhost:{port}", book, str(ROOT / "proto")],
            env={
                **os.environ,
                "DEALER_TOKEN": signer.token("dms-d01", Role.DEALER, dealer="D01"),
                "ADJUDICATOR_TOKEN": signer.token("zhao", Role.ADJUDICATOR),
                "AUDITOR_TOKEN": signer.token("ann", Role.AUDITOR),
                "TLS_CA": str(certificates.directory / "ca.pem"),
            },
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        f"submitted books/{book}/claims/CL-N1 15",
        "dealer decides ROLE_MISSING",
        "decided CLAIM_STATE_AWAITING_PARTS 14",
        "again ETAG_MISMATCH",
        "recorded partsledger:WarrantyClaim.Submitted partsledger:WarrantyClaim.PartlyApproved",
    ]


def test_a_server_that_cannot_be_proved_is_not_talked_to(
    database_url: str, book: str, tmp_path: Path, certificates: Certificates
) -> None:
    """Control: the same with another authority."""
    signer, stranger = Signer(tmp_path), tmp_path / "stranger"
    stranger.mkdir()
    others = Certificates(stranger)
    with protected(database_url, book, signer, **certificates.settings()) as app:
        port = app.address.rpartition(":")[2]
        done = subprocess.run(
            ["node", str(PROGRAM), f"localhost:{port}", book, str(ROOT / "proto")],
            env={**os.environ, "TLS_CA": str(others.directory / "ca.pem")},
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip

    assert done.returncode != 0
    assert done.stdout == ""
