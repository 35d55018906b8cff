"""`omegac invoke --stack`: hands events to the function that a stack has deployed, by its alias."""

from __future__ import annotations

from base64 import b64decode
from typing import NamedTuple

from omegac.cloud import Cloud, Unreachable
from omegac.diagnostics import Rejected, fault
from omegac.operations.site import Site
from omegac.operations.stack import existing, resources_of
from omegac.spec import Entry


class Response(NamedTuple):
    """What a function answered."""

    payload: bytes
    """The result, or the shape of the error, as JSON."""
    failed: bool
    log: str
    """The end of its log, up to 4 KB."""


def alias_of(site: Site, service: str, entry: Entry) -> str:
    """The ARN of a function's alias in a stack. Raises `Rejected` where it, or its service, is not deployed there."""
    stack = existing(site.cloud, site.stack)
    if stack.service not in {service, None}:
        hint = "choose another --stack, or the spec of that service"
        raise Rejected([fault("OM6102", f"{stack.name} is of the service {stack.service}, not {service}", hint=hint)])
    alias = f"{entry.stem}Alias"
    for resource in resources_of(site.cloud, stack):
        if resource["LogicalResourceId"] == alias and resource.get("PhysicalResourceId"):
            return str(resource["PhysicalResourceId"])
    message = f"the stack {stack.name} has no alias of {entry.name}, {alias}"
    raise Rejected([fault("OM6310", message, entry.origin, hint=f"deploy it: omegac deploy --stack {stack.name}")])


def invoke(cloud: Cloud, arn: str, event: bytes) -> Response:
    """Hands an event to a function, once. Raises `CloudError`, and `Rejected` where no answer comes."""
    try:
        answer = cloud.call("lambda", "invoke", FunctionName=arn, Payload=event, LogType="Tail")
    except Unreachable as error:
        hint = "it may have run, and may still run: it is not invoked again; its log group tells"
        raise Rejected([fault("OM6009", f"no answer from {arn}: {error}", hint=hint)]) from error
    log = b64decode(answer.get("LogResult", "")).decode("utf-8", "replace")
    return Response(answer["Payload"].read(), "FunctionError" in answer, log)
