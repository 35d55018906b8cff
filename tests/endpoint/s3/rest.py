"""S3's side of HTTP: answers in XML, errors, and the headers that are given back as they came."""

from __future__ import annotations

from collections.abc import Mapping

from tests.endpoint.query import text
from tests.endpoint.wire import Answer, Refusal, Request

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"

_KEPT = ("content-type", "content-disposition", "cache-control", "x-amz-meta-", "x-amz-server-side-encryption")

# S3's own spelling of what the others call differently.
_CODES = {"Throttling": ("SlowDown", 503), "InternalFailure": ("InternalError", 500)}


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of an upload that its object keeps."""
    return {name: value for name, value in headers.items() if name.startswith(_KEPT)}


def xml(name: str, content: str, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer of one element."""
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<{name} xmlns="{NAMESPACE}">{content}</{name}>'
    return Answer(200, body.encode(), {"Content-Type": "application/xml", **(headers or {})})


def refused(refusal: Refusal, request: Request) -> Answer:
    """An error; to HEAD its status must do."""
    code, status = _CODES.get(refusal.code, (refusal.code, refusal.status))
    body = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{text(refusal.message)}</Message>'
        f"<RequestId>0000000000000000</RequestId></Error>"
    )
    headers = {"Content-Type": "application/xml", **refusal.headers}
    return Answer(status, b"" if request.method == "HEAD" else body.encode(), headers)
