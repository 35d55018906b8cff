"""Names that are nobody else's: of change sets, of revisions, and the tokens that all events of an operation carry."""

from __future__ import annotations

import re
import secrets
import time
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


def revision() -> str:
    """A revision that no function has had: the milliseconds since 1970.

    Not the next number of the stack: of a version that replaces another in an update that is undone, CloudFormation may
    leave what it has published, and Lambda publishes no second one of the same.
    """
    return str(time.time_ns() // 1_000_000)


def digest_in(token: str | None) -> str | None:
    """The digest of the template that an operation deployed, out of its token."""
    found = _OF_TEMPLATE.match(token or "")
    return found.group(1) if found else None
