"""The names that services would have given to resources, made up but always the same, and their attributes."""

from __future__ import annotations

from hashlib import sha256

from tests.endpoint.cloudformation.state import Resource, Stack

_PREFIXES = {
    "AWS::EC2::Instance": "i-",
    "AWS::EC2::LaunchTemplate": "lt-",
    "AWS::EC2::SecurityGroup": "sg-",
    "AWS::EC2::Subnet": "subnet-",
    "AWS::EC2::VPC": "vpc-",
}
"""The types whose names are a prefix and a number."""

_NUMBERED = {"AWS::AutoScaling::AutoScalingGroup": "DesiredCapacity", "AWS::EC2::LaunchTemplate": "LatestVersionNumber"}


def physical_id(stack: Stack, logical_id: str, kind: str) -> str:
    """A new name for a resource."""
    account = stack.id.split(":")[4]
    digest = sha256(f"{stack.id} {logical_id} {stack.clock.identifier()}".encode()).hexdigest()
    if kind in _PREFIXES:
        return f"{_PREFIXES[kind]}0{digest[:16]}"
    name = f"{stack.name}-{logical_id}-{digest[:12].upper()}"
    match kind:
        case "AWS::SQS::Queue":
            return f"https://sqs.{stack.region}.amazonaws.com/{account}/{name}"
        case "AWS::SNS::Topic":
            return f"arn:aws:sns:{stack.region}:{account}:{name}"
        case "AWS::S3::Bucket":
            return name.lower()
    return name


def attribute(stack: Stack, resource: Resource, name: str) -> str:
    """The value of an attribute of a resource."""
    if name.rpartition(".")[2] == "Arn":
        return _arn(stack, resource)
    if name == _NUMBERED.get(resource.kind):
        return "1"
    return f"{resource.physical_id.rpartition('/')[2]}.{name}"


def _arn(stack: Stack, resource: Resource) -> str:
    account, own = stack.id.split(":")[4], resource.physical_id
    if own.startswith("arn:"):
        return own
    match resource.kind.split("::"):
        case ["AWS", "IAM", kind]:
            return f"arn:aws:iam::{account}:{kind.lower()}/{own}"
        case ["AWS", "S3", _]:
            return f"arn:aws:s3:::{own}"
        case ["AWS", "Lambda", "Function"]:
            return f"arn:aws:lambda:{stack.region}:{account}:function:{own}"
        case [_, service, *_]:
            return f"arn:aws:{service.lower()}:{stack.region}:{account}:{own.rpartition('/')[2]}"
    return own
