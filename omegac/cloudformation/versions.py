"""What a version of a Lambda function has of it.

A version is a copy of its function, and Lambda makes none of a function that has not changed since the last one;
CloudFormation then fails: "A version for this Lambda function exists".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_OF_ALL = frozenset(["CodeSigningConfigArn", "RecursiveLoop", "ReservedConcurrentExecutions", "Tags"])
"""The properties of `AWS::Lambda::Function` that are those of all its versions (by the calls of Lambda's API that set
them, which take no version)."""


def is_copied(name: str) -> bool:
    """Whether a version has a property of its own."""
    return name not in _OF_ALL


def copied(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The properties that a version has of its function."""
    return {name: value for name, value in properties.items() if is_copied(name)}
