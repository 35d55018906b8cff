"""Who an instance is to AWS: its role's credentials, what they allow, and whether a request is signed with them.

The signature is computed anew from AWS's description of Signature Version 4, with nothing of botocore's.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote

_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request,"
    r" ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})"
)
_STALE = timedelta(minutes=15)


class Credentials(NamedTuple):
    """What a role hands out for an hour or so."""

    key: str
    secret: str
    token: str

    @classmethod
    def new(cls) -> Credentials:
        """Those of a session of its own."""
        return cls("ASIA" + secrets.token_hex(8).upper(), secrets.token_urlsafe(30), secrets.token_urlsafe(120))


class Role(NamedTuple):
    """A role, as an instance has it."""

    name: str
    credentials: Credentials
    statements: Sequence[Mapping[str, Any]]

    def allows(self, action: str, resource: str) -> bool:
        """Whether a statement allows it, and none denies it. Conditions are not looked at."""
        effects = {
            each["Effect"]
            for each in self.statements
            if _matches(each["Action"], action) and _matches(each["Resource"], resource)
        }
        return effects == {"Allow"}


class Request(NamedTuple):
    """A request as it came, with the names of its headers in lower case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


def fault_of(request: Request, credentials: Credentials) -> str | None:
    """What AWS would refuse in the signature of a request; None where it is that of the credentials."""
    found = _AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
    if not found:
        return "MissingAuthenticationToken"
    key, day, region, service, names, signature = found.groups()
    time = request.headers.get("x-amz-date", "")
    if key != credentials.key or request.headers.get("x-amz-security-token") != credentials.token:
        return "InvalidClientTokenId"
    if not time.startswith(day) or abs(datetime.now(UTC) - _moment(time)) > _STALE:
        return "RequestExpired"
    if fault := _fault_of_scope(request.headers.get("host", ""), service, region):
        return fault
    if not {"host", "x-amz-date", "x-amz-security-token"} <= set(names.split(";")):
        return "IncompleteSignature"
    said = request.headers.get("x-amz-content-sha256")
    payload = hashlib.sha256(request.body).hexdigest()
    if said not in {None, payload, "UNSIGNED-PAYLOAD"}:
        return "XAmzContentSHA256Mismatch"
    scope = f"{day}/{region}/{service}/aws4_request"
    digest = hashlib.sha256(_canonical(request, names, said or payload).encode()).hexdigest()
    secret = f"AWS4{credentials.secret}".encode()
    for part in scope.split("/"):
        secret = _keyed(secret, part)
    expected = _keyed(secret, f"AWS4-HMAC-SHA256\n{time}\n{scope}\n{digest}").hex()
    return None if hmac.compare_digest(expected, signature) else "SignatureDoesNotMatch"


def _fault_of_scope(host: str, service: str, region: str) -> str | None:
    """What AWS would refuse in a signature for a service of a region; None where the host that was called is that."""
    called = host.removesuffix(".amazonaws.com").split(".")[-2:]
    if called == [service, region]:
        return None
    return "AuthorizationHeaderMalformed" if "s3" in called else "SignatureDoesNotMatch"


def _canonical(request: Request, names: str, payload: str) -> str:
    """The request in the one form that both sides sign."""
    fields = sorted((quote(name, "-_.~"), quote(value, "-_.~")) for name, value in _fields(request.query))
    query = "&".join(f"{name}={value}" for name, value in fields)
    headers = "".join(f"{name}:{' '.join(request.headers[name].split())}\n" for name in names.split(";"))
    return f"{request.method}\n{request.path}\n{query}\n{headers}\n{names}\n{payload}"


def _fields(query: str) -> Iterable[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True)


def _keyed(secret: bytes, text: str) -> bytes:
    return hmac.digest(secret, text.encode(), "sha256")


def _moment(time: str) -> datetime:
    return datetime.strptime(time, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def _matches(patterns: str | Sequence[str], text: str) -> bool:
    """Whether a text is one of the patterns that a policy has, a single one or a list."""
    return any(fnmatchcase(text, each) for each in ([patterns] if isinstance(patterns, str) else patterns))
