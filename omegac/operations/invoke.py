"""`omegac invoke --stack`: hands events to the function that a stack has deployed, by its alias."""

from __future__ import annotations

import os
from base64 import b64decode
from typing import NamedTuple

from omegac.cloud import Cloud, Unreachable
from omegac.diagnostics import Rejected, fault
from omegac.operations.site import Site
from omegac.operations.stack import look, resources_of
from omegac.spec import Entry

_ATTEMPTS = "AWS_MAX_ATTEMPTS"


class Response(NamedTuple):
    """What a function answered."""

    payload: bytes
    """The result, or the shape of the error, as JSON."""
    failed: bool
    log: str
    """The end of its log, up to 4 KB."""


def alias_of(site: Site, entry: Entry) -> str:
    """The ARN of a function's alias in a stack. Raises `Rejected` where it is not deployed there."""
    stack = look(site.cloud, site.stack)
    if not stack.exists:
        hint = "look at its name, the region and the account"
        raise Rejected([fault("OM6108", f"there is no stack {stack.name}", hint=hint)])
    alias = f"{entry.stem}Alias"
    for resource in resources_of(site.cloud, stack):
        if resource["LogicalResourceId"] == alias and resource.get("PhysicalResourceId"):
            return str(resource["PhysicalResourceId"])
    message = f"the stack {stack.name} has no alias of {entry.name}, {alias}"
    raise Rejected([fault("OM6310", message, entry.origin, hint=f"deploy it: omegac deploy --stack {stack.name}")])


def invoke(cloud: Cloud, arn: str, event: bytes) -> Response:
    """Hands an event to a function, once. Raises `CloudError`, and `Rejected` where no answer comes."""
    _prepare(cloud)
    try:
        answer = cloud.call("lambda", "invoke", FunctionName=arn, Payload=event, LogType="Tail")
    except Unreachable as error:
        hint = "it may have run, and may still run: it is not invoked again; its log group tells"
        raise Rejected([fault("OM6009", f"no answer from {arn}: {error}", hint=hint)]) from error
    log = b64decode(answer.get("LogResult", "")).decode("utf-8", "replace")
    return Response(answer["Payload"].read(), "FunctionError" in answer, log)


def _prepare(cloud: Cloud) -> None:
    """Has calls of Lambda tried once: a function that takes long would be run again for each try."""
    before = os.environ.get(_ATTEMPTS)
    os.environ[_ATTEMPTS] = "1"
    try:
        cloud.knows("lambda", "invoke")  # for this, its client is made, which keeps what it finds
    finally:
        del os.environ[_ATTEMPTS]
        if before is not None:
            os.environ[_ATTEMPTS] = before
