"""Signs tokens for development and tests, with keys of one's own.

In real use an identity provider signs them; the server needs its public keys and nothing else.
"""

import json
import time
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from jwt.algorithms import ECAlgorithm

from server.access.errors import BadKeys

ALGORITHM: Final = "ES256"


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def public_jwk(key: ec.EllipticCurvePrivateKey) -> dict[str, Any]:
    """The public half, for a JWKS. Its `kid` is its thumbprint (RFC 7638)."""
    jwk: dict[str, Any] = ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {**jwk, "kid": _thumbprint(jwk), "alg": ALGORITHM, "use": "sig"}


def loaded_key(file: Path) -> ec.EllipticCurvePrivateKey:
    """Raises BadKeys."""
    try:
        key = load_pem_private_key(file.read_bytes(), None)
    except OSError as error:
        raise BadKeys(f"{file}: {error.strerror}") from None
    except (ValueError, TypeError):
        raise BadKeys(f"{file}: must be a private key in PEM, without a password") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
        raise BadKeys(f"{file}: must be a key of the curve P-256, as `partsledger keys` makes it")
    return key


def signed(
    key: ec.EllipticCurvePrivateKey,
    name: str,
    issuer: str,
    audience: str,
    seconds: float,
    claims: Mapping[str, Any],
) -> str:
    """A token for a person or a system, that holds from now on for so many seconds."""
    now = int(time.time())
    said = {"sub": name, "iss": issuer, "aud": audience, "iat": now, "nbf": now,
            "exp": now + int(seconds), **claims}  # fmt: skip
    return jwt.encode(said, key, ALGORITHM, {"kid": public_jwk(key)["kid"]})


def _thumbprint(jwk: Mapping[str, Any]) -> str:
    """Of the members that a key of a curve has to have, in order."""
    needed = {name: jwk[name] for name in ("crv", "kty", "x", "y")}
    text = json.dumps(needed, separators=(",", ":"), sort_keys=True)
    return sha256(text.encode()).hexdigest()[:32]
