"""What a server boots from: a known image, one by id, by SSM parameter, or looked up when the stack is deployed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from omegac import shipped
from omegac.construct import Construct, Declaration, Fact, Image, Plan, declared, resource, tags
from omegac.diagnostics import Rejected, Related, fault
from omegac.source import Origin, Traced, derived
from omegac.spec import Entry, Spec

_SOURCES = ("alias", "id", "ssm", "lookup")
_LOOKUP_SECONDS = 120
"""More than its own time-outs add up to."""


class Known(NamedTuple):
    """An image that omegac knows: its public SSM parameter and what the image is like."""

    path: str
    arch: dict[str, str]
    family: str
    release: str
    root_device: str


_AMAZON_ARCH = {"x86_64": "x86_64", "arm64": "arm64"}
_UBUNTU_ARCH = {"x86_64": "amd64", "arm64": "arm64"}
_AMAZON = "/aws/service/ami-amazon-linux-latest/al2023-ami-{kind}kernel-default-{{arch}}"
# Canonical names the volume type of each release in the path; 22.04 is published as gp2 only.
_UBUNTU = "/aws/service/canonical/ubuntu/server/{release}/stable/current/{{arch}}/hvm/ebs-{volume}/ami-id"


def _ubuntu(release: str, volume: str) -> Known:
    path = _UBUNTU.format(release=release, volume=volume)
    return Known(path, _UBUNTU_ARCH, "ubuntu", release, "/dev/sda1")


ALIASES = {
    "al2023": Known(_AMAZON.format(kind=""), _AMAZON_ARCH, "amazon-linux", "2023", "/dev/xvda"),
    "al2023-minimal": Known(_AMAZON.format(kind="minimal-"), _AMAZON_ARCH, "amazon-linux", "2023", "/dev/xvda"),
    "ubuntu-22.04": _ubuntu("22.04", "gp2"),
    "ubuntu-24.04": _ubuntu("24.04", "gp3"),
    "ubuntu-26.04": _ubuntu("26.04", "gp3"),
}


def contribute(entry: Entry, _spec: Spec) -> Iterator[Fact]:
    """The image. Raises `Rejected` where something is not given that cannot be known when building."""
    ami = entry.at("ami")
    if isinstance(ami.value, str):
        alias = ALIASES[ami.value]
        image = _by_parameter(_path(alias, entry), ami, entry.at("arch"))
        yield Image(image, derived(alias.root_device, ami), alias.family, alias.release)
        return
    source = _source(entry, ami)
    pin = ami.get("pin")
    if source == "alias":
        alias = ALIASES[ami.value["alias"]]
        image = _by_parameter(_path(alias, entry), ami.at("alias"), entry.at("arch"))
        root = ami.get("root_device") or derived(alias.root_device, ami.at("alias"))
        family = ami.get("family") or derived(alias.family, ami.at("alias"))
        yield Image(pin or image, root, family.value, alias.release)
        return
    _ask(entry, ami, "family", *(() if source == "lookup" and not pin else ("root_device",)))
    if source == "id":
        image = ami.at("id")
    elif source == "ssm":
        image = _by_parameter(ami.value["ssm"], ami.at("ssm"))
    else:
        image = derived({"Fn::GetAtt": [f"{entry.stem}Image", "ImageId"]}, ami.at("lookup"))
    looked_up = {"Fn::GetAtt": [f"{entry.stem}Image", "RootDeviceName"]}
    yield Image(pin or image, ami.get("root_device") or looked_up, ami.value["family"], "")


def _source(entry: Entry, ami: Traced) -> str:
    given: list[str] = [key for key in ami.value if key in _SOURCES]
    if not given:
        message = f"servers.{entry.name}.ami needs one of {', '.join(_SOURCES)}"
        raise Rejected([fault("OM1110", message, ami, at_key=True)])
    first, *others = given
    see = ami.at(first).origin.key
    related = [Related(see, "it is named here already")] if see else []
    faults = [
        fault(
            "OM1110",
            f'one image cannot be named by "{first}" and "{other}"',
            ami.at(other),
            related=related,
            at_key=True,
        )
        for other in others
    ]
    if faults:
        raise Rejected(faults)
    return first


def _ask(entry: Entry, ami: Traced, *keys: str) -> None:
    why = {
        "family": "it says how packages are installed, and cannot be known when building",
        "root_device": "a wrong name would add a second, empty disk; /dev/xvda on Amazon Linux, /dev/sda1 on Ubuntu",
    }
    faults = [
        fault("OM1102", f'servers.{entry.name}.ami needs "{key}"', ami, hint=why[key], at_key=True)
        for key in keys
        if key not in ami.value
    ]
    if faults:
        raise Rejected(faults)


def _path(alias: Known, entry: Entry) -> str:
    return alias.path.format(arch=alias.arch[entry.at("arch").value])


def _by_parameter(path: str, *sources: Traced) -> Traced:
    return derived({"Ref": parameter_name(path)}, *sources)


def parameter_name(path: str) -> str:
    """Made from the path: a stack keeps a parameter's old value, so that a new path must be a new parameter."""
    return "Image" + "".join(
        part[:1].upper() + part[1:] for part in re.split("[^A-Za-z0-9]+", path.removeprefix("/aws/service/")) if part
    )


def lower(entry: Entry, plan: Plan) -> Iterator[Declaration]:
    """The parameter of an SSM path, or the look-up."""
    ami = entry.at("ami")
    long = isinstance(ami.value, dict)
    if long and "pin" in ami.value:
        return
    if long and "lookup" in ami.value:
        yield from _lookup(entry, plan, ami.at("lookup"))
    elif long and "ssm" in ami.value:
        yield _parameter(ami.at("ssm"), ami.value["ssm"])
    elif not (long and "id" in ami.value):
        name = ami.at("alias") if long else ami
        yield _parameter(derived(name.value, name, entry.at("arch")), _path(ALIASES[name.value], entry))


def _parameter(source: Traced, path: str) -> Declaration:
    """Resolved by CloudFormation at each deployment, so that a newer image shows as a change."""
    body = {
        "Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>",
        "Default": derived(path, source),
        "Description": "Path of the machine image",
    }
    return declared("Parameters", parameter_name(path), body, source.origin, shared=True)


def _lookup(entry: Entry, plan: Plan, lookup: Traced) -> Iterator[Declaration]:
    """A custom resource, the function that answers it, and the function's role and log group."""
    origin: Origin = lookup.origin
    stem = f"{entry.stem}ImageLookup"
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    group = {"Fn::GetAtt": [f"{stem}LogGroup", "Arn"]}
    statements = [
        # DescribeImages takes no resource but "*" (Service Authorization Reference, Amazon EC2).
        {"Effect": "Allow", "Action": ["ec2:DescribeImages"], "Resource": "*"},
        {"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": group},
    ]
    document = {"Version": "2012-10-17", "Statement": statements}
    role = {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "PermissionsBoundary": entry.get("permissions_boundary"),
        "Policies": [{"PolicyName": "Lookup", "PolicyDocument": document}],
        "Tags": tags(plan.spec),
    }
    function: dict[str, Any] = {
        "Architectures": ["arm64"],
        "Code": {"ZipFile": shipped.text("templates/image_lookup.py")},
        "Description": f"Finds the machine image of {entry.name}",
        "Handler": "index.handler",
        "LoggingConfig": {"LogFormat": "JSON", "LogGroup": {"Ref": f"{stem}LogGroup"}},
        "MemorySize": 256,
        "Role": {"Fn::GetAtt": [f"{stem}Role", "Arn"]},
        "Runtime": "python3.13",
        "Tags": tags(plan.spec),
        "Timeout": _LOOKUP_SECONDS,
    }
    request = {
        "ServiceToken": {"Fn::GetAtt": [stem, "Arn"]},
        "ServiceTimeout": _LOOKUP_SECONDS + 60,
        "Owner": lookup.at("owner"),
        "Name": lookup.at("name"),
        "Architecture": entry.at("arch"),
        "Refresh": lookup.get("refresh"),
    }
    retention = {"RetentionInDays": 30, "Tags": tags(plan.spec)}
    keep = {"DeletionPolicy": "Delete", "UpdateReplacePolicy": "Delete"}
    yield resource(f"{stem}LogGroup", "AWS::Logs::LogGroup", retention, origin, **keep)
    yield resource(f"{stem}Role", "AWS::IAM::Role", role, origin)
    yield resource(stem, "AWS::Lambda::Function", function, origin)
    yield resource(f"{entry.stem}Image", "AWS::CloudFormation::CustomResource", request, origin)


CONSTRUCT = Construct(("server",), contribute, lower)
