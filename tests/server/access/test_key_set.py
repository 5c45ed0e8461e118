"""The file of public keys: what may stand in it, and how it is changed while the server runs."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from server.access import key_set
from server.access.errors import BadKeys
from server.access.key_set import KeySet
from server.access.signing import ALGORITHM, new_key, public_jwk
from tests.server.access.conftest import jwks


@pytest.fixture(autouse=True)
def _looks_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_set, "LOOK_SECONDS", 0.0)


def kid(key: ec.EllipticCurvePrivateKey) -> str:
    return str(public_jwk(key)["kid"])


def test_keys_are_added_and_taken_away_without_a_restart(tmp_path: Path) -> None:
    old, new = new_key(), new_key()
    file = tmp_path / "keys"
    file.write_text(jwks(public_jwk(old)))
    keys = KeySet(file, ALGORITHM)
    assert keys.key(kid(old)) is not None
    assert keys.key(kid(new)) is None

    file.write_text(jwks(public_jwk(old), public_jwk(new)))
    keys.refresh()
    assert None not in (keys.key(kid(old)), keys.key(kid(new)))

    file.write_text(jwks(public_jwk(new)))
    keys.refresh()
    assert keys.key(kid(old)) is None
    assert keys.version == 3


@pytest.mark.parametrize("content", ["", "{", "[]", '{"keys": []}', '{"keys": {}}', None])
def test_a_file_that_cannot_be_used_changes_nothing(
    key_file: Path, key: ec.EllipticCurvePrivateKey, content: str | None
) -> None:
    keys = KeySet(key_file, ALGORITHM)
    if content is None:
        key_file.unlink()
    else:
        key_file.write_text(content)

    keys.refresh()

    assert keys.key(kid(key)) is not None
    assert keys.version == 1


def test_an_unchanged_file_is_not_read_again(key_file: Path) -> None:
    keys = KeySet(key_file, ALGORITHM)
    keys.refresh()
    assert keys.version == 1

    os.utime(key_file, ns=(1, 1))  # Control.
    keys.refresh()
    assert keys.version == 2


def test_the_file_is_looked_at_now_and_then_only(
    key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_set, "LOOK_SECONDS", 3600.0)
    keys = KeySet(key_file, ALGORITHM)
    key_file.write_text(jwks(public_jwk(new_key())))

    keys.refresh()

    assert keys.version == 1


def changed(**changes: Any) -> dict[str, Any]:
    return {**public_jwk(new_key()), **changes}


def secret(**changes: Any) -> dict[str, Any]:
    return {**ECAlgorithm.to_jwk(new_key(), as_dict=True), "kid": "k", **changes}


def of_rsa() -> dict[str, Any]:
    key = rsa.generate_private_key(65537, 2048).public_key()
    return {**RSAAlgorithm.to_jwk(key, as_dict=True), "kid": "k"}


@pytest.mark.parametrize(
    ("listed", "why"),
    [
        ([], "must hold 1 to 50 keys"),
        ([public_jwk(new_key()) for _ in range(51)], "must hold 1 to 50 keys"),
        ([changed(kid="k"), changed(kid="k")], "each with a kid of its own"),
        ([{"kty": "EC"}], "each key with a kid"),
        ([changed(kid=7)], "the kid 7 must be a text"),
        ([changed(alg="RS256")], "is for RS256, and tokens are in ES256"),
        ([secret()], "key 'k' is a secret"),
        ([{"kty": "oct", "k": "AAAA", "kid": "k"}], "key 'k' is a secret"),
        ([changed(kid="k", x="AA")], "key 'k' is none for ES256"),
        ([of_rsa()], "key 'k' is none for ES256"),
    ],
)
def test_what_a_file_of_keys_must_not_hold(
    tmp_path: Path, listed: list[dict[str, Any]], why: str
) -> None:
    file = tmp_path / "keys"
    file.write_text(json.dumps({"keys": listed}))

    with pytest.raises(BadKeys, match=why):
        KeySet(file, ALGORITHM)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadKeys, match="keys: No such file"):
        KeySet(tmp_path / "keys", ALGORITHM)


def test_a_file_too_large_is_not_read_on(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_bytes(b" " * 1_000_001)

    with pytest.raises(BadKeys, match="is 1,000,001 bytes long"):
        KeySet(file, ALGORITHM)
