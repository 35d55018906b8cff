"""A Lambda function, its version, and the alias `live` that every invoker targets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from omegac.construct import (
    ARTIFACT_BUCKET,
    Construct,
    Declaration,
    Fact,
    Interfaces,
    LogGroup,
    Plan,
    RoleName,
    Statement,
    declared,
    program_text,
    resource,
    revision_of,
    tags,
)
from omegac.merge import merge
from omegac.source import Traced, derived, settle
from omegac.spec import Entry, Spec


def contribute(entry: Entry, _spec: Spec) -> Iterator[Fact]:
    """The right to send what failed to the dead letter queue or topic."""
    target = entry.get("dead_letter")
    if target:
        actions = ["sns:Publish", "sqs:SendMessage"]
        yield Statement("DeadLetter", {"Effect": "Allow", "Action": actions, "Resource": target}, target.origin)


def lower(entry: Entry, plan: Plan) -> Iterator[Declaration]:
    """Function, version and alias.

    A version is a copy of the function as it is, so `seal` puts a digest of the artifact and of the function's
    properties into its logical id. It stays when a newer one comes, as the alias may still point to it, but not when
    its creation is undone: Lambda would publish no other like it. Where a property has another value
    although it is written as before, that of a parameter for one, a deployment gives another revision, which `seal` has
    both descriptions end in: that of a version is create-only, too.
    """
    function = resource(entry.stem, "AWS::Lambda::Function", {}, entry.origin)
    properties = settle(_properties(entry, plan), function.origin)
    raw = entry.get("properties")
    function.body["Properties"] = merge(properties, raw, "override") if raw else properties
    yield function
    version = {
        "FunctionName": {"Ref": entry.stem},
        "CodeSha256": derived(plan.artifact.code_sha256, plan.artifact.origin),
    }
    keep = {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}
    yield resource(f"{entry.stem}Version", "AWS::Lambda::Version", version, entry.origin, **keep)
    revision = {
        "Type": "Number",
        "Default": 0,
        "Description": f"Another one publishes a version of {entry.name} that is written as before",
    }
    yield declared("Parameters", revision_of(entry.stem), revision, entry.origin)
    alias = {
        "FunctionName": {"Ref": entry.stem},
        "FunctionVersion": {"Fn::GetAtt": [f"{entry.stem}Version", "Version"]},
        "Name": derived("live", entry.at("rollout")),
    }
    yield resource(f"{entry.stem}Alias", "AWS::Lambda::Alias", alias, entry.origin)
    output = {"Description": f"ARN of the alias live of {entry.name}", "Value": {"Ref": f"{entry.stem}Alias"}}
    yield declared("Outputs", f"{entry.stem}Arn", output, entry.origin)


def _properties(entry: Entry, plan: Plan) -> dict[str, Any]:
    role, log_group = plan.facts.one(RoleName), plan.facts.one(LogGroup)
    interfaces = plan.facts.one(Interfaces)
    dead_letter, environment = entry.get("dead_letter"), entry.get("environment")
    return {
        "Architectures": [entry.at("arch")],
        "Code": {"S3Bucket": {"Ref": ARTIFACT_BUCKET}, "S3Key": plan.artifact_key},
        "DeadLetterConfig": {"TargetArn": dead_letter} if dead_letter else None,
        "Description": entry.get("description"),
        "Environment": {"Variables": _as_text(environment)} if environment and environment.value else None,
        "Handler": entry.at("handler"),
        "Layers": entry.get("layers"),
        "LoggingConfig": {"LogFormat": "JSON", "LogGroup": log_group.name} if log_group else None,
        "MemorySize": entry.at("memory"),
        "ReservedConcurrentExecutions": entry.get("reserved_concurrency"),
        "Role": role.arn if role else None,
        "Runtime": entry.at("runtime"),
        "Tags": tags(plan.spec),
        "Timeout": entry.at("timeout"),
        "VpcConfig": {"SecurityGroupIds": interfaces.security_groups, "SubnetIds": interfaces.subnets}
        if interfaces
        else None,
    }


def _as_text(environment: Traced) -> dict[str, Traced]:
    """Variables with numbers and booleans as the text that they are to a program."""
    return {
        name: value if isinstance(value.value, dict) else Traced(program_text(value.value), value.origins)
        for name, value in sorted(environment.items())
    }


CONSTRUCT = Construct(("function",), contribute, lower)
