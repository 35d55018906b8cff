"""A service deployed to the local cloud by omegac itself, and what its group would launch there.

The local cloud launches no instances. What is booted here is what it tells of the launch template, as a group reads it.
"""

from __future__ import annotations

import base64
import logging
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from tests.boot.front import Upstream
from tests.boot.identity import Credentials, Role
from tests.boot.instance import Launch
from tests.boot.metadata import Identity
from tests.ministack import ACCOUNT, REGION
from tests.operations.local import BUCKET, client, deployed, outputs, physical_ids, said

STACK = "x"
INSTANCE = "i-0123456789abcdef0"
GROUP = "WebServerGroup"

# The image is Debian's, of the same family as Ubuntu's, with neither python3.13 nor a name in the public parameters.
IMAGE = "ami: {id: ami-0123456789abcdef0, family: ubuntu, root_device: /dev/sda1}"

_LOG = logging.getLogger(__name__)


class Version(NamedTuple):
    """A version of a launch template."""

    number: str
    data: Mapping[str, Any]

    @property
    def user_data(self) -> bytes:
        return base64.b64decode(self.data["UserData"])


class RollingUpdate(NamedTuple):
    """How CloudFormation replaces the one instance of the group (CloudFormation guide, UpdatePolicy attribute)."""

    kept: int
    most: int
    waits: bool

    @property
    def overlaps(self) -> bool:
        """Whether the old instance stays until the new one has signalled: there must be room for both, and a wait."""
        return 0 < self.kept < self.most and self.waits


def deploy(folder: Path) -> dict[str, str]:
    """Deploys what is in a folder; the stack's outputs."""
    began = time.monotonic()
    told = outputs(deployed(folder))
    _LOG.info("deployed in %.1f s", time.monotonic() - began)
    return told


def invoked(function: str) -> Any:
    """What a function answers on Lambda."""
    answer = said(function)
    _LOG.info("invoke %s says %r", function, answer)
    return answer


def rolling_update() -> RollingUpdate:
    """What the deployed template says of updates of the group, and nothing else may; what it does not say is AWS's."""
    template = client("cloudformation").get_template(StackName=STACK)["TemplateBody"]
    policies = template["Resources"][GROUP].get("UpdatePolicy", {})
    assert set(policies) == {"AutoScalingRollingUpdate"}, f"updates of the group: {policies}"
    policy = policies["AutoScalingRollingUpdate"]
    return RollingUpdate(
        kept=policy.get("MinInstancesInService", 0),
        most=_group()["MaxSize"],
        waits=policy.get("WaitOnResourceSignals", False),
    )


def launched_version() -> Version:
    """The version that the group launches now."""
    template = _group()["LaunchTemplate"]
    (version,) = client("ec2").describe_launch_template_versions(
        LaunchTemplateId=template["LaunchTemplateId"], Versions=[template["Version"]]
    )["LaunchTemplateVersions"]
    return Version(template["Version"], version["LaunchTemplateData"])


def _group() -> Any:
    named = physical_ids()[GROUP]
    (group,) = client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[named])["AutoScalingGroups"]
    return group


def launch(image: Path, instance: str = INSTANCE) -> Launch:
    """What an instance of the group gets, all of it read back from the local cloud."""
    version = launched_version()
    cloud = urlsplit(os.environ["AWS_ENDPOINT_URL"])
    identity = Identity(
        id=instance,
        address="10.0.0.10",
        mac="02:00:00:00:00:01",
        account=ACCOUNT,
        region=REGION,
        role=_role(version.data["IamInstanceProfile"]["Arn"].rpartition("/")[2]),
        user_data=version.user_data,
        hop_limit=version.data["MetadataOptions"]["HttpPutResponseHopLimit"],
        # What EC2 does where nothing is said, neither by the image nor by the account.
        needs_token=version.data["MetadataOptions"].get("HttpTokens", "optional") == "required",
    )
    (stack,) = client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    upstream = Upstream(str(cloud.hostname), cloud.port or 80, ACCOUNT, REGION)
    return Launch(image, identity, upstream, stack["StackId"], BUCKET)


def _role(profile: str) -> Role:
    iam = client("iam")
    (role,) = iam.get_instance_profile(InstanceProfileName=profile)["InstanceProfile"]["Roles"]
    name = role["RoleName"]
    policies = [
        iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]
    ]
    return Role(name, Credentials.new(), [statement for policy in policies for statement in policy["Statement"]])
