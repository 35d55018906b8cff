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
    key = compilation.artifact_key
    resources = compilation.root.get("Resources") or Traced({}, compilation.root.origins)
    code = {"S3Bucket": {"Ref": ARTIFACT_BUCKET}, "S3Key": key}
    for entry in compilation.spec.of("function"):
        found = resources.find(entry.stem, "Properties", "Code")
        if found and found.value != code:
            yield fault("OM5002", f"{entry.stem} does not run {key}", found)
    functions = {entry.stem for entry in compilation.spec.of("function")}
    for _, version in compilation.body.resources("AWS::Lambda::Version"):
        name, digest = (version.find("Properties", *route) for route in (("FunctionName", "Ref"), ("CodeSha256",)))
        if name and name.value in functions and (digest is None or digest.value != compilation.artifact.code_sha256):
            yield fault("OM5002", f"a version does not verify the digest of {key}", version.at("Properties"))
    for entry in compilation.spec.of("server"):
        template = f"{entry.stem}LaunchTemplate"
        script = resources.find(template, "Properties", "LaunchTemplateData", "UserData")
        if script and compilation.artifact.sha256 not in json.dumps(script.value):
            hint = 'the script names it by {{ S3Key }}, or extends "omegac/server.sh"'
            place = script.find("Fn::Base64") or script
            yield fault("OM5002", f"the script of {template} does not fetch {key}", place, hint=hint)
