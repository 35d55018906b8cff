"""A group of EC2 instances: launch template, instance profile and Auto Scaling group."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from omegac.boot import boot_script
from omegac.construct import (
    ARTIFACT_BUCKET,
    Construct,
    Declaration,
    Fact,
    Image,
    Plan,
    RoleName,
    SecurityGroup,
    Size,
    Statement,
    declared,
    resource,
    tags,
)
from omegac.source import Traced, because, derived, settle
from omegac.spec import Entry, Spec

_DEFAULT_MINUTES = 15
# Processes that would fight a rolling update (AWS CloudFormation guide, UpdatePolicy attribute).
_SUSPENDED = ["AZRebalance", "AlarmNotification", "HealthCheck", "ReplaceUnhealthy", "ScheduledActions"]


def contribute(entry: Entry, spec: Spec) -> Iterator[Fact]:
    """The rights to read the service's artifacts, and to signal to its own stack."""
    service = spec.service
    artifacts = derived(f"arn:${{AWS::Partition}}:s3:::${{{ARTIFACT_BUCKET}}}/{service.value}/*", service)
    read = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": {"Fn::Sub": artifacts}}
    yield Statement("Artifact", read, entry.origin)
    signal = entry.at("signal")
    if signal.value not in ("off", False):
        own_stack = {"Ref": "AWS::StackId"}
        tell = {"Effect": "Allow", "Action": ["cloudformation:SignalResource"], "Resource": own_stack}
        yield Statement("Signal", tell, signal.origin)


def lower(entry: Entry, plan: Plan) -> Iterator[Declaration]:
    """Launch template, instance profile and group, with the policies that wait for signals."""
    script = boot_script(entry, plan, f"{entry.stem}Group")
    yield _launch_template(entry, plan, script.expression)
    role = plan.facts.one(RoleName)
    profile = {"Roles": [role.name if role else None]}
    yield resource(f"{entry.stem}InstanceProfile", "AWS::IAM::InstanceProfile", profile, entry.origin)
    yield from _key_condition(entry, plan.spec)
    yield _group(entry, plan, signals=script.signals)


def _launch_template(entry: Entry, plan: Plan, script: Traced) -> Declaration:
    image, group = plan.facts.one(Image), plan.facts.one(SecurityGroup)
    groups = [group.id if group else None]
    public_ip = plan.spec.network.get("public_ip") if plan.spec.network else None
    interface = {"AssociatePublicIpAddress": public_ip, "DeviceIndex": 0, "Groups": groups}
    # Security groups of the template and network interfaces exclude each other (EC2, RunInstances).
    network = {"NetworkInterfaces": [interface]} if public_ip is not None else {"SecurityGroupIds": groups}
    name = derived(f"{plan.spec.service.value}-{entry.name}", plan.spec.service, entry.origin)
    labels = tags(plan.spec, name)
    data = {
        "BlockDeviceMappings": [_root_volume(entry, image)],
        "IamInstanceProfile": {"Arn": {"Fn::GetAtt": [f"{entry.stem}InstanceProfile", "Arn"]}},
        "ImageId": image.id if image else None,
        "InstanceType": entry.at("instance_type"),
        "KeyName": _key_name(entry, plan.spec),
        "MetadataOptions": {"HttpEndpoint": "enabled", "HttpPutResponseHopLimit": 1, "HttpTokens": "required"},
        **network,
        "TagSpecifications": [
            {"ResourceType": "instance", "Tags": labels},
            {"ResourceType": "volume", "Tags": labels},
        ],
        "UserData": {"Fn::Base64": script},
    }
    properties = {"LaunchTemplateData": data}
    return resource(f"{entry.stem}LaunchTemplate", "AWS::EC2::LaunchTemplate", properties, entry.origin)


def _root_volume(entry: Entry, image: Image | None) -> dict[str, Any]:
    """The image's own root device: another name would add a second, empty disk."""
    volume = entry.get("root_volume")
    ebs = {
        "DeleteOnTermination": True,
        "Encrypted": True,
        "KmsKeyId": volume.get("kms_key") if volume else None,
        "VolumeSize": volume.get("size") if volume else None,
        "VolumeType": "gp3",
    }
    return {"DeviceName": image.root_device if image else None, "Ebs": ebs}


def _group(entry: Entry, plan: Plan, *, signals: bool) -> Declaration:
    size = plan.facts.one(Size)
    if size is None:
        raise AssertionError("no construct says how many instances there are")
    template = f"{entry.stem}LaunchTemplate"
    properties = {
        **size.properties,
        "HealthCheckType": "EC2",
        # A pinned version: with $Latest the text of the group would never change, and no rolling update begin.
        "LaunchTemplate": {
            "LaunchTemplateId": {"Ref": template},
            "Version": {"Fn::GetAtt": [template, "LatestVersionNumber"]},
        },
        "Tags": [{**tag, "PropagateAtLaunch": False} for tag in tags(plan.spec) or []] or None,
        **_subnets(plan.spec),
    }
    policies = _policies(size, signals=signals)
    return resource(f"{entry.stem}Group", "AWS::AutoScaling::AutoScalingGroup", properties, entry.origin, **policies)


def _subnets(spec: Spec) -> dict[str, Any]:
    """The public subnets, or else the private ones; without a network, the default VPC's in every zone."""
    network = spec.network
    subnets = (network.get("public_subnets") or network.get("private_subnets")) if network else None
    if subnets:
        return {"VPCZoneIdentifier": subnets}
    return {"AvailabilityZones": {"Fn::GetAZs": ""}}


def _policies(size: Size, *, signals: bool) -> dict[str, Any]:
    """How creation and updates wait: only for a script that signals, as a stack that waits in vain rolls back."""
    minutes = size.minutes
    waits = signals if minutes.value == "auto" else minutes.value not in ("off", False)
    number = minutes.value if isinstance(minutes.value, int) and waits else _DEFAULT_MINUTES
    pause = derived(f"PT{number}M", minutes)
    rolling: dict[str, Any] = {
        "MaxBatchSize": 1,
        "MinInstancesInService": size.kept,
        "SuspendProcesses": _SUSPENDED,
    }
    if not waits:
        return {"UpdatePolicy": {"AutoScalingRollingUpdate": rolling}}
    rolling |= {"PauseTime": pause, "WaitOnResourceSignals": True}
    policies: dict[str, Any] = {"UpdatePolicy": {"AutoScalingRollingUpdate": rolling}}
    if size.first.value:
        policies["CreationPolicy"] = {"ResourceSignal": {"Count": size.first, "Timeout": because(pause, size.first)}}
    return policies


def _default_of(key: Traced, spec: Spec) -> Traced | None:
    """The default of the parameter that names a key pair, if one does."""
    name = key.value.get("Ref") if isinstance(key.value, dict) else None
    parameter = spec.document.value.get("parameters", {}).get(name, {})
    return spec.document.at("parameters", name, "default") if name and "default" in parameter else None


def _key_name(entry: Entry, spec: Spec) -> Any:
    """The key pair; where its parameter may be empty, none then."""
    key = entry.get("key_name")
    if key is None or key.value == "":
        return None
    default = _default_of(key, spec)
    if default and default.value == "":
        either = {"Fn::If": [f"{entry.stem}HasKey", key, {"Ref": "AWS::NoValue"}]}
        return because(settle(either, key.origin), default)
    return because(key, default) if default else key


def _key_condition(entry: Entry, spec: Spec) -> Iterator[Declaration]:
    key = entry.get("key_name")
    default = _default_of(key, spec) if key else None
    if key and default and default.value == "":
        given = {"Fn::Not": [{"Fn::Equals": [key, ""]}]}
        yield declared("Conditions", f"{entry.stem}HasKey", given, because(key, default).origin)


CONSTRUCT = Construct(("server",), contribute, lower)
