"""Stacks for the examples of codes: comments at their head say how the stack `shop` stands, and what becomes of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from omegac.compiler import compiled_unbuilt
from omegac.operations.stack import SERVICE_TAG
from tests.endpoint import Endpoint

_REMARK = re.compile(r"^# (\w+): (.*)$", re.MULTILINE)
_STACK = "shop"


def stage(endpoint: Endpoint, example: str, spec: Path) -> None:
    """Brings the endpoint to what an example says at its head; a spec is what the stack was deployed from."""
    remarks: dict[str, str] = dict(_REMARK.findall(example))
    status = remarks.pop("stack")
    if status != "absent":
        _put(endpoint, status, remarks, spec)
    for word, text in remarks.items():
        _AFTER[word](endpoint, text)


def _put(endpoint: Endpoint, status: str, remarks: dict[str, str], spec: Path) -> None:
    compilation = compiled_unbuilt(spec)
    template: dict[str, Any] = {**compilation.root.value}
    held = remarks.pop("holds", None)
    if held:
        name, type_ = held.split(": ")
        template["Resources"] = {**template["Resources"], name: {"Type": type_, "Properties": {}}}
    service = remarks.pop("service", str(compilation.spec.service.value))
    endpoint.stack(
        _STACK,
        status,
        template=template,
        tags={SERVICE_TAG: service},
        parameters={"ArtifactBucket": f"omegac-{endpoint.account}-{endpoint.region}"},
        protected=bool(remarks.pop("protected", "")),
    )
    compilation.artifact.content.close()


def _fails(endpoint: Endpoint, text: str) -> None:
    name, reason = text.split(": ", 1)
    endpoint.fail(name, reason=reason)


def _refuses(endpoint: Endpoint, text: str) -> None:
    name, reason = text.split(": ", 1)
    endpoint.invalid(name, "AWS::IAM::Role", f"/Resources/{name}", reason)


def _ends(endpoint: Endpoint, text: str) -> None:
    def end() -> None:
        endpoint.stack(_STACK, "ROLLBACK_IN_PROGRESS", then=["ROLLBACK_COMPLETE"], reason=text)

    endpoint.before("ExecuteChangeSet", lambda: endpoint.before("DescribeStackEvents", end))


def _busy(endpoint: Endpoint, _text: str) -> None:
    endpoint.fault(
        "CreateChangeSet",
        "validation",
        times=99,
        text=f"Stack:{_STACK} is in UPDATE_IN_PROGRESS state and can not be updated.",
    )


def _denied(endpoint: Endpoint, text: str) -> None:
    endpoint.fault(text, "access-denied", times=99)


def _blocked(endpoint: Endpoint, text: str) -> None:
    name, reason = text.split(": ", 1)
    endpoint.stack(_STACK, resources={name: "UPDATE_FAILED"})
    endpoint.fail(name, during="rollback", reason=reason)


def _lost(endpoint: Endpoint, _text: str) -> None:
    endpoint.before("ExecuteChangeSet", lambda: endpoint.fault("DescribeStacks", "expired-token", times=99))


_AFTER: Mapping[str, Callable[[Endpoint, str], None]] = {
    "blocked": _blocked,
    "busy": _busy,
    "denied": _denied,
    "ends": _ends,
    "fails": _fails,
    "lost": _lost,
    "refuses": _refuses,
}
