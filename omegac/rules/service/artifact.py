"""Functions and servers run one artifact: the same key in the same bucket, and each verifies the same digest."""

from __future__ import annotations

import json
from collections.abc import Iterator

from omegac.construct import ARTIFACT_BUCKET
from omegac.diagnostics import Diagnostic, fault
from omegac.source import Traced
from omegac.template import Compilation


def check(compilation: Compilation) -> Iterator[Diagnostic]:
    """What omegac wrote and an override, a decorator or a script of one's own made run something else."""
    key = f"{compilation.spec.service.value}/{compilation.artifact.key_name}"
    resources = compilation.root.get("Resources") or Traced({}, compilation.root.origins)
    code = {"S3Bucket": {"Ref": ARTIFACT_BUCKET}, "S3Key": key}
    for entry in compilation.spec.of("function"):
        found = resources.find(entry.stem, "Properties", "Code")
        if found and found.value != code:
            yield fault("OM5002", f"{entry.stem} does not run {key}", found)
    for version in _versions(resources, {entry.stem for entry in compilation.spec.of("function")}):
        if version.value.get("CodeSha256") != compilation.artifact.code_sha256:
            yield fault("OM5002", f"a version does not verify the digest of {key}", version)
    for entry in compilation.spec.of("server"):
        template = f"{entry.stem}LaunchTemplate"
        script = resources.find(template, "Properties", "LaunchTemplateData", "UserData")
        if script and compilation.artifact.sha256 not in json.dumps(script.value):
            hint = 'the script names it by {{ S3Key }}, or extends "omegac/server.sh"'
            place = script.find("Fn::Base64") or script
            yield fault("OM5002", f"the script of {template} does not fetch {key}", place, hint=hint)


def _versions(resources: Traced, functions: set[str]) -> Iterator[Traced]:
    """The properties of each version of one of the functions; their own logical ids carry a digest."""
    for body in (resources.at(logical_id) for logical_id in resources.value):
        name = body.find("Properties", "FunctionName", "Ref")
        if name and body.value.get("Type") == "AWS::Lambda::Version" and name.value in functions:
            yield body.at("Properties")
