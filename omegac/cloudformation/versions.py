"""What a version of a Lambda function has of it.

A version is a copy of its function, and Lambda makes none of a function that has not changed since the last one;
CloudFormation then fails: "A version for this Lambda function exists".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_OF_ALL = frozenset(["CodeSigningConfigArn", "RecursiveLoop", "ReservedConcurrentExecutions", "Tags"])
"""The properties of `AWS::Lambda::Function` that are those of all its versions (by the calls of Lambda's API that set
them, which take no version)."""

_MARK = re.compile(r"\(digest [0-9a-f]+, revision \$\{(\w+)\}\)")


def is_copied(name: str) -> bool:
    """Whether a version has a property of its own."""
    return name not in _OF_ALL


def copied(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The properties that a version has of its function."""
    return {name: value for name, value in properties.items() if is_copied(name)}


def mark(digest: str, revision: str) -> dict[str, str]:
    """What the descriptions of a function and of its version end in: a digest of both, and the revision's parameter."""
    return {"Fn::Sub": f"(digest {digest}, revision ${{{revision}}})"}


def marked(written: Any, by: dict[str, str]) -> dict[str, Any]:
    """A description with a mark behind it; the mark alone where there is none."""
    return {"Fn::Join": [" ", [written, by]]} if written else by


def revision_in(description: Any) -> str | None:
    """The revision's parameter by the mark that a description ends in, if it does."""
    match description:
        case {"Fn::Join": [" ", [_, {"Fn::Sub": str(text)}]]} | {"Fn::Sub": str(text)}:
            found = _MARK.fullmatch(text)
            return found[1] if found else None
    return None
