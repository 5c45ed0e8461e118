"""A token counts if it is signed for this server, holds now, and says who calls; no other does."""

import base64
import hmac
import json
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from server.access import tokens
from server.access.certificates import Authority
from server.access.errors import NotAuthenticated
from server.access.rights import Rights
from server.access.roles import Role
from server.access.signing import ALGORITHM, new_key, public_jwk, signed
from server.access.tokens import TokenReader, thumbprint_of
from tests.server.access.conftest import AUDIENCE, ISSUER, Sign

Key = ec.EllipticCurvePrivateKey


def claims_of(now: int, **changes: Any) -> dict[str, Any]:
    whole = {"sub": "li.ming", "iss": ISSUER, "aud": AUDIENCE, "nbf": now, "exp": now + 3600,
             "roles": ["finance"]}  # fmt: skip
    return {name: value for name, value in (whole | changes).items() if value is not None}


def encoded(key: Any, claims: dict[str, Any], algorithm: str = ALGORITHM, kid: str = "") -> str:
    kid = kid or (public_jwk(key)["kid"] if isinstance(key, Key) else "")
    return jwt.encode(claims, key, algorithm, {"kid": kid})


def with_secret(secret: bytes, claims: dict[str, Any], kid: str) -> str:
    """Signed by hand with HS256: the library refuses to sign with such a secret."""
    header = {"alg": "HS256", "typ": "JWT", "kid": kid}
    signing = b".".join(map(base64url, (json.dumps(each).encode() for each in (header, claims))))
    signature = base64url(hmac.digest(secret, signing, "sha256"))
    return b".".join((signing, signature)).decode()


def base64url(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


def refused(reader: TokenReader, token: str, certificate: str = "") -> str:
    with pytest.raises(NotAuthenticated) as refusal:
        reader.read(token, certificate)
    return str(refusal.value)


def test_a_token_says_who_calls_and_what_they_may(reader: TokenReader, sign: Sign) -> None:
    token = sign(roles=["finance", "controller"], speaks_for=["wang.fang"])

    assert reader.read(token)[:2] == (
        "li.ming",
        Rights(frozenset({Role.FINANCE, Role.CONTROLLER}), "", ("wang.fang",)),
    )


def test_a_dealer_is_kept_to_its_own(reader: TokenReader, sign: Sign) -> None:
    principal = reader.read(sign(sub="dms-d01", roles=["dealer"], dealer="D01"))

    assert principal.rights == Rights(frozenset({Role.DEALER}), "D01")


def test_roles_of_other_systems_give_nothing(reader: TokenReader, sign: Sign) -> None:
    assert reader.read(sign(roles=["Finance", "admin"])).rights.roles == frozenset()


@pytest.mark.parametrize(
    ("speaks_for", "person", "may"),
    [
        ([], "wang.fang", False),
        (["wang.fang"], "wang.fang", True),
        (["wang.fang"], "Wang.Fang", True),
        (["wang.fang"], "zhao", False),
        (["*"], "zhao", True),
    ],
)
def test_whom_a_caller_may_speak_for(
    reader: TokenReader, sign: Sign, speaks_for: list[str], person: str, may: bool
) -> None:
    assert reader.read(sign(speaks_for=speaks_for)).rights.may_speak_for(person) is may


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"exp": -31}, "the token is over"),
        ({"nbf": 3600}, "the token does not hold yet"),
        ({"aud": "another-ledger"}, "the token is for another audience"),
        ({"iss": "https://evil.example.com"}, "the token is of another issuer"),
        ({"exp": None}, "the token has no exp"),
        ({"nbf": None}, "the token has no nbf"),
        ({"aud": None}, "the token has no aud"),
        ({"iss": None}, "the token has no iss"),
        ({"sub": None}, "the token has no sub"),
        ({"sub": 7}, "the token holds a claim that makes no sense"),
        ({"sub": ""}, "sub in the token is required"),
        ({"sub": "li\u200bming"}, "sub in the token must not hold"),
        ({"exp": "soon"}, "the token"),
        ({"roles": "finance"}, "roles in the token must be a list of texts"),
        ({"roles": [1]}, "roles in the token must be a list of texts"),
        ({"roles": ["x"] * 1001}, "roles in the token must have at most 1,000 texts"),
        ({"dealer": ["D01"]}, "dealer in the token must be a text"),
        ({"speaks_for": "*"}, "speaks_for in the token must be a list of texts"),
        ({"roles": ["dealer"]}, "the role dealer and the claim dealer go together"),
        ({"dealer": "D01"}, "the role dealer and the claim dealer go together"),
        ({"roles": ["dealer", "finance"], "dealer": "D01"}, "and stand alone"),
        ({"roles": ["dealer"], "dealer": "D/1"}, "dealer in the token must"),
        ({"cnf": {"jkt": "x"}}, "cnf in the token must be a certificate's x5t#S256"),
        ({"cnf": "x"}, "cnf in the token must be a certificate's x5t#S256"),
    ],
)
def test_a_token_with_a_wrong_claim_is_refused(
    reader: TokenReader, key: Key, now: int, changes: dict[str, Any], why: str
) -> None:
    times = {name: now + value for name, value in changes.items()
             if name in ("exp", "nbf") and isinstance(value, int)}  # fmt: skip
    assert reader.read(encoded(key, claims_of(now))).name == "li.ming"  # Control.

    assert why in refused(reader, encoded(key, claims_of(now, **(changes | times))))


def test_a_token_ends_while_it_is_remembered(
    reader: TokenReader, sign: Sign, now: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = sign()
    reader.read(token)
    monkeypatch.setattr("time.time", lambda: now + 3600 + 29)
    reader.read(token)  # Clocks may differ by half a minute.

    monkeypatch.setattr("time.time", lambda: now + 3600 + 31)
    assert refused(reader, token) == "the token is over"


def test_a_key_of_somebody_else_signs_nothing(reader: TokenReader, key: Key, now: int) -> None:
    other = new_key()

    unknown = refused(reader, encoded(other, claims_of(now)))
    assert unknown == "the token is signed with a key that is not known here"
    forged = refused(reader, encoded(other, claims_of(now), kid=public_jwk(key)["kid"]))
    assert forged == "the token's signature is wrong"


def test_other_algorithms_are_refused(reader: TokenReader, key: Key, now: int) -> None:
    """Among them the public key used as a secret, which a careless reader takes."""
    kid = public_jwk(key)["kid"]
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    rsa_key = rsa.generate_private_key(65537, 2048)
    wrong = "the token is signed in an algorithm that is not accepted"

    assert refused(reader, with_secret(public, claims_of(now), kid)) == wrong
    assert refused(reader, encoded(rsa_key, claims_of(now), "RS256", kid)) == wrong
    assert refused(reader, encoded(None, claims_of(now), "none", kid)) == wrong


def test_a_changed_token_is_refused(reader: TokenReader, sign: Sign) -> None:
    header, payload, signature = sign().split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    claims["roles"] = ["controller"]
    changed = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()

    assert refused(reader, f"{header}.{changed}.{signature}") == "the token's signature is wrong"


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "a.b.c",
        "..",
        "é.é.é",
        "eyJhbGciOiJFUzI1NiJ9..",
        "eyJraWQiOlsxXX0.e30.x",
        "." * 5_999,
    ],
)
def test_what_is_no_token_is_refused(reader: TokenReader, token: str) -> None:
    assert refused(reader, token) in (
        "the token is no signed JWT", "the token is signed with a key that is not known here",
    )  # fmt: skip


def test_a_token_that_no_caller_can_send_is_not_looked_at(reader: TokenReader) -> None:
    assert refused(reader, "a" * 6_001) == "the token is longer than 6000 characters"


def test_a_token_counts_with_its_own_certificate_only(reader: TokenReader, sign: Sign) -> None:
    authority = Authority(days=1)
    mine, another = (
        thumbprint_of(authority.client(name).certificate.decode()) for name in ("mine", "another")
    )
    bound, free = sign(cnf={"x5t#S256": mine}), sign()

    assert reader.read(bound, mine).name == "li.ming"
    assert "not bound" in refused(reader, bound, another)
    assert refused(reader, bound) == "the token needs its certificate"
    assert "not bound" in refused(reader, free, mine)


def test_a_key_that_is_taken_away_ends_its_tokens(
    reader: TokenReader, key_file: Path, sign: Sign, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also those that were read before."""
    monkeypatch.setattr("server.access.key_set.LOOK_SECONDS", 0.0)
    token, other = sign(), new_key()
    reader.read(token)

    key_file.write_text(json.dumps({"keys": [public_jwk(other)]}))

    assert "not known here" in refused(reader, token)
    assert reader.read(signed(other, "ann", ISSUER, AUDIENCE, 60, {})).name == "ann"


def test_few_tokens_are_remembered(
    reader: TokenReader, sign: Sign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "_REMEMBERED", 3)
    for number in range(9):
        reader.read(sign(sub=f"p{number}"))

    assert len(reader._read_before) == 3
