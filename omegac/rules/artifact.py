"""Functions and servers run one artifact: the same key in the same bucket, and each verifies the same digest."""

from __future__ import annotations

import json
from collections.abc import Iterator

from omegac.construct import ARTIFACT_BUCKET
from omegac.diagnostics import Diagnostic, fault
from omegac.source import Traced
from omegac.template import Compilation


def check(compilation: Compilation) -> Iterator[Diagnostic]:
    """A function, version or launch template of omegac's that names another artifact, as an override may make it."""
    spec, artifact = compilation.spec, compilation.artifact
    key = f"{spec.service.value}/{artifact.key_name}"
    code = {"S3Bucket": {"Ref": ARTIFACT_BUCKET}, "S3Key": key}
    resources = compilation.root.get("Resources")
    for name, body in resources.items() if resources else ():
        properties = body.value.get("Properties", {}) if isinstance(body.value, dict) else {}
        stem = next((entry for entry in spec.entries if name.startswith(entry.stem)), None)
        if stem is None or not isinstance(properties, dict):
            continue
        kind = body.value.get("Type")
        if kind == "AWS::Lambda::Function" and name == stem.stem and properties.get("Code") != code:
            yield fault("OM5002", f"{name} does not run {key}", body.at("Properties"))
        elif kind == "AWS::Lambda::Version" and properties.get("CodeSha256") != artifact.code_sha256:
            yield fault("OM5002", f"{name} does not verify the digest of {key}", body.at("Properties"))
        elif kind == "AWS::EC2::LaunchTemplate" and artifact.sha256 not in _script(properties):
            hint = 'the script names it by {{ S3Key }}, or extends "omegac/server.sh"'
            script = _reachable(body, "Properties", "LaunchTemplateData", "UserData", "Fn::Base64")
            yield fault("OM5002", f"the script of {name} does not fetch {key}", script, hint=hint)


def _reachable(traced: Traced, *route: str) -> Traced:
    """The value at a route, or the nearest one around it that is there."""
    for step in route:
        if not isinstance(traced.value, dict) or step not in traced.value:
            break
        traced = traced.at(step)
    return traced


def _script(properties: dict[str, object]) -> str:
    data = properties.get("LaunchTemplateData")
    return json.dumps(data.get("UserData")) if isinstance(data, dict) else ""
