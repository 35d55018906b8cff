"""What goes over the wire: a request as the server has read it, an answer, and a refusal in place of one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

Params: TypeAlias = dict[str, Any]
"""What a call says, under the names that the API gives to it."""

_SCOPE = re.compile(r"Credential=[^/,]+/[0-9]{8}/([^/]+)/([^/]+)/aws4_request")

_READS = ("Describe", "Estimate", "Get", "Head", "List", "Validate")


class Call(NamedTuple):
    """A call that has arrived, whatever became of it."""

    service: str
    operation: str
    params: Params

    @property
    def writes(self) -> bool:
        """Whether the operation could change anything."""
        return not self.operation.startswith(_READS)


@dataclass(frozen=True)
class Request:
    """A request, with its body decoded; header names are in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def scope(self) -> tuple[str, str]:
        """The region and the service that the request is signed for; empty for one that is not signed."""
        found = _SCOPE.search(self.headers.get("authorization", ""))
        return (found[1], found[2]) if found else ("", "")


@dataclass(frozen=True)
class Answer:
    """An answer; `cut` is how many bytes of its body are sent before the connection is closed, None for all."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None


NOTHING = Answer(status=0)
"""The connection is closed, and nothing was said."""


class Refusal(Exception):  # noqa: N818 (the service's answer, and no error of the program)
    """A call that the service refuses, by the code and in the words of AWS."""

    def __init__(self, code: str, message: str, status: int = 400, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.headers = headers or {}


def invalid(message: str) -> Refusal:
    """What CloudFormation says to most calls that it cannot serve."""
    return Refusal("ValidationError", message)
