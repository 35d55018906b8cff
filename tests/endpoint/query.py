"""The query protocol, which CloudFormation and STS speak: a form comes in, XML goes out."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from tests.endpoint.wire import Answer, Params, Refusal, Request

REQUEST_ID = "00000000-0000-0000-0000-000000000000"


def parsed(request: Request) -> tuple[str, Params]:
    """The operation that a form names, and what it says: `A.member.1.B=c` is a list of one, {"B": "c"}."""
    tree: dict[str, Any] = {}
    for key, value in parse_qsl(request.body.decode(), keep_blank_values=True):
        *parents, last = key.split(".")
        node = tree
        for part in parents:
            node = node.setdefault(part, {})
        node[last] = value
    operation = tree.pop("Action", "")
    tree.pop("Version", None)
    return operation, {key: _collapsed(value) for key, value in tree.items()}


def _collapsed(node: Any) -> Any:
    """A node of the form's tree, as the list or the structure that it stands for."""
    if not isinstance(node, dict):
        return node
    members = node.get("member")
    if isinstance(members, dict):
        return [_collapsed(members[number]) for number in sorted(members, key=int)]
    return {key: _collapsed(value) for key, value in node.items()}


def flag(params: Params, name: str) -> bool:
    """Whether a boolean is said to be true."""
    return params.get(name) == "true"


def listed(params: Params, name: str) -> list[Any]:
    """A list, empty if it is not there; a client writes an empty one as an empty text."""
    return params.get(name) or []


def answered(operation: str, result: Params | None, namespace: str) -> Answer:
    """The result of an operation; None for one that has no result."""
    inner = "" if result is None else f"<{operation}Result>{_members(result)}</{operation}Result>"
    return _sent(
        200,
        f'<{operation}Response xmlns="{namespace}">{inner}'
        f"<ResponseMetadata><RequestId>{REQUEST_ID}</RequestId></ResponseMetadata></{operation}Response>",
    )


def refused(refusal: Refusal, namespace: str) -> Answer:
    """An error; the fault is the sender's unless the status says otherwise."""
    side = "Sender" if refusal.status < 500 else "Receiver"
    return _sent(
        refusal.status,
        f'<ErrorResponse xmlns="{namespace}"><Error><Type>{side}</Type><Code>{refusal.code}</Code>'
        f"<Message>{text(refusal.message)}</Message></Error><RequestId>{REQUEST_ID}</RequestId></ErrorResponse>",
    )


def _sent(status: int, xml: str) -> Answer:
    return Answer(status, xml.encode(), {"Content-Type": "text/xml", "x-amzn-requestid": REQUEST_ID})


def _members(structure: Params) -> str:
    """The members of a structure that have a value."""
    return "".join(f"<{name}>{_inner(value)}</{name}>" for name, value in structure.items() if value is not None)


def _inner(value: Any) -> str:
    if isinstance(value, dict):
        return _members(value)
    if isinstance(value, list):
        return "".join(f"<member>{_inner(member)}</member>" for member in value)
    if isinstance(value, bool):
        return str(value).lower()
    return text(timestamp(value) if isinstance(value, datetime) else str(value))


def timestamp(moment: datetime) -> str:
    """A moment as CloudFormation writes it, to the millisecond."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"


def text(value: str) -> str:
    """A text in XML; a parser would take a bare carriage return for a newline."""
    return escape(value, {"\r": "&#13;"})
