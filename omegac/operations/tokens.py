"""Tokens of operations: every event of an operation carries one, and it tells which template was deployed."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from omegac.emit import canonical

PREFIX = "omegac-"
"""What the tokens of omegac's operations, and the names of its change sets, begin with."""
_OF_TEMPLATE = re.compile(rf"{PREFIX}([0-9a-f]{{64}})-")


def digest_of(template: str) -> str:
    """SHA-256 of a template's text, in hexadecimal digits; what its map is filed under."""
    return sha256(template.encode()).hexdigest()


def digest_of_template(template: Mapping[str, Any]) -> str:
    """The same for a template that CloudFormation gives back as data: it keeps the order, and `emit` the form."""
    return digest_of(canonical(template) + "\n")


def token_for(digest: str) -> str:
    """A new token for a deployment of a template: at most 128 characters, as CloudFormation takes."""
    return f"{PREFIX}{digest}-{secrets.token_hex(4)}"


def token() -> str:
    """A new token for any other operation."""
    return f"{PREFIX}{secrets.token_hex(8)}"


def change_set_name(digest: str) -> str:
    """A new name for a change set, nobody else's: that it is executed shows that we did it."""
    return f"{PREFIX}{digest[:12]}-{secrets.token_hex(4)}"


def digest_in(token: str | None) -> str | None:
    """The digest of the template that an operation deployed, out of its token."""
    found = _OF_TEMPLATE.match(token or "")
    return found.group(1) if found else None
