"""The public keys that tokens are signed with: a file in the form of RFC 7517 (JWKS).

The file is looked at again while the server runs, so that keys are added and taken away without a
restart. While it cannot be read, the keys that were there go on.
"""

import json
import logging
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import jwt

from server.access.errors import BadKeys

LOOK_SECONDS: Final = 2.0  # Between two looks at the file.
_MOST_KEYS: Final = 50
_LONGEST: Final = 1_000_000  # Bytes of the file.

_log = logging.getLogger(__name__)


class KeySet:
    """The keys of a file by their `kid`, all for one algorithm. Raises BadKeys at the start."""

    def __init__(self, file: Path, algorithm: str) -> None:
        self._file = file
        self._algorithm = algorithm
        self._stamp = self._stamped()
        self._keys = _read(file, algorithm)
        self._looked_at = time.monotonic()
        self.version = 1  # Counts how often the file has changed.

    def key(self, kid: str) -> Any:
        """The key with an id, or None."""
        found = self._keys.get(kid)
        return None if found is None else found.key

    def refresh(self) -> None:
        """Looks at the file, unless that was done a moment ago."""
        now = time.monotonic()
        if now - self._looked_at < LOOK_SECONDS:
            return
        self._looked_at = now
        try:
            stamp = self._stamped()
            if stamp == self._stamp:
                return
            self._stamp, self._keys = stamp, _read(self._file, self._algorithm)
        except BadKeys as unusable:
            _log.error("the keys for tokens stay as they were: %s", unusable)
            return
        self.version += 1
        _log.info("the keys for tokens were read again: %s", ", ".join(self._keys))

    def _stamped(self) -> tuple[int, int, int]:
        try:
            found = self._file.stat()
        except OSError as error:
            raise BadKeys(f"{self._file}: {error.strerror}") from None
        return found.st_mtime_ns, found.st_size, found.st_ino


def _read(file: Path, algorithm: str) -> Mapping[str, jwt.PyJWK]:
    try:
        text = file.read_bytes()
        if len(text) > _LONGEST:
            raise BadKeys(f"{file}: is {len(text):,} bytes long, and may be {_LONGEST:,}")
        listed = json.loads(text)["keys"]
        keys = {each["kid"]: each for each in listed}
    except OSError as error:
        raise BadKeys(f"{file}: {error.strerror}") from None
    except (ValueError, TypeError, KeyError):
        raise BadKeys(f'{file}: must be a JWKS, as {{"keys": […]}}, each key with a kid') from None
    if not 1 <= len(keys) == len(listed) <= _MOST_KEYS:
        raise BadKeys(f"{file}: must hold 1 to {_MOST_KEYS} keys, each with a kid of its own")
    return {kid: _public(file, kid, key, algorithm) for kid, key in keys.items()}


def _public(file: Path, kid: Any, key: Mapping[str, Any], algorithm: str) -> jwt.PyJWK:
    if not isinstance(kid, str) or not kid:
        raise BadKeys(f"{file}: the kid {kid!r} must be a text")
    if "d" in key or key.get("kty") == "oct":
        raise BadKeys(f"{file}: key {kid!r} is a secret; only public keys belong here")
    if key.get("alg", algorithm) != algorithm:
        raise BadKeys(f"{file}: key {kid!r} is for {key['alg']}, and tokens are in {algorithm}")
    try:
        return jwt.PyJWK(dict(key), algorithm)
    except jwt.PyJWTError as unusable:
        raise BadKeys(f"{file}: key {kid!r} is none for {algorithm}: {unusable}") from None
