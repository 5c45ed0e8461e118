"""Keys and tokens of tests, made once."""

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from server.access.key_set import KeySet
from server.access.signing import ALGORITHM, new_key, public_jwk, signed
from server.access.tokens import TokenReader

ISSUER, AUDIENCE = "https://login.example.com", "partsledger"

Sign = Callable[..., str]


def jwks(*keys: Mapping[str, Any]) -> str:
    return json.dumps({"keys": keys})


@pytest.fixture(scope="session")
def key() -> ec.EllipticCurvePrivateKey:
    return new_key()


@pytest.fixture
def key_file(key: ec.EllipticCurvePrivateKey, tmp_path: Path) -> Path:
    file = tmp_path / "tokens.jwks"
    file.write_text(jwks(public_jwk(key)))
    return file


@pytest.fixture
def reader(key_file: Path) -> TokenReader:
    return TokenReader(KeySet(key_file, ALGORITHM), ALGORITHM, ISSUER, AUDIENCE)


@pytest.fixture
def sign(key: ec.EllipticCurvePrivateKey) -> Sign:
    """Signs a token of li.ming's, which holds for an hour; claims that are None are left out."""

    def sign(**claims: Any) -> str:
        said = {"sub": "li.ming", "roles": ["finance"], **claims}
        return signed(key, said.pop("sub"), ISSUER, AUDIENCE, 3600, said)

    return sign


@pytest.fixture
def now() -> int:
    return int(time.time())
