"""What has to be acknowledged of a template."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from omegac.compiler import compile_spec
from omegac.deployment.capabilities import capabilities

ROOT = Path(__file__).resolve().parent.parent.parent
IAM, NAMED, EXPAND = "CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    """A template with one resource."""
    return {"Resources": {"It": {"Type": kind, "Properties": properties}}}


QUEUE = resource("AWS::SQS::Queue", QueueName="jobs")
ROLE = resource("AWS::IAM::Role")
INCLUDE = {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://bucket/part.yaml"}}}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ({}, ()),
        (QUEUE, ()),
        ({"Resources": {"It": {"Type": "AWS::IAM::Role"}}}, (IAM,)),
        *((resource(f"AWS::IAM::{kind}"), (IAM,)) for kind in ("Group", "InstanceProfile", "ManagedPolicy", "User")),
        (resource("AWS::IAM::Policy", PolicyName="Lookup"), (IAM,)),
        (resource("AWS::IAM::RolePolicy", PolicyName="Lookup", RoleName="admin"), (IAM,)),
        (resource("AWS::IAM::AccessKey", UserName="someone"), (IAM,)),
        (resource("AWS::IAM::UserToGroupAddition", GroupName="some", Users=["someone"]), (IAM,)),
        (resource("AWS::IAM::Role", RoleName="admin"), (NAMED,)),
        (resource("AWS::IAM::Role", RoleName={"Fn::If": ["Named", "admin", {"Ref": "AWS::NoValue"}]}), (NAMED,)),
        (resource("AWS::IAM::User", UserName="someone"), (NAMED,)),
        (resource("AWS::IAM::Group", GroupName="some"), (NAMED,)),
        (resource("AWS::IAM::InstanceProfile", InstanceProfileName="web"), (NAMED,)),
        (resource("AWS::IAM::ManagedPolicy", ManagedPolicyName="read"), (NAMED,)),
        (resource("AWS::SQS::Queue", RoleName="admin"), ()),
        (resource("AWS::CloudFormation::Stack", TemplateURL="https://example.com/t.json"), (EXPAND, NAMED)),
        (resource("My::Own::Thing::MODULE"), (EXPAND, NAMED)),
        ({**QUEUE, "Transform": "AWS::Serverless-2016-10-31"}, (EXPAND, NAMED)),
        ({**ROLE, "Transform": ["Mine"]}, (EXPAND, NAMED)),
        ({**ROLE, "Transform": []}, (IAM,)),
        (resource("AWS::SQS::Queue", Tags=[INCLUDE]), (EXPAND, NAMED)),
        (resource("AWS::Glue::Job", Transform="flat"), ()),
        ({"Resources": {"Fn::ForEach::Roles": ["Name", ["A", "B"], ROLE["Resources"]]}}, (IAM,)),
        ({"Resources": {"Fn::ForEach::Roles": "not written rightly"}}, ()),
    ],
    ids=str,
)
def test_capabilities(template: dict[str, Any], expected: tuple[str, ...]) -> None:
    """A template needs what AWS documents for its resources, and all of it where it is not known what comes."""
    assert capabilities(template) == expected


@pytest.mark.parametrize("spec", [ROOT / "omega.yaml", ROOT / "tests/cases/good/server-full/omega.yaml"], ids=str)
def test_what_omegac_writes_needs_no_more_than_it_must(spec: Path) -> None:
    """No role gets a name of its own, and no macro is used."""
    compilation = compile_spec(spec).compilation
    compilation.artifact.content.close()
    assert capabilities(compilation.root.value) == (IAM,)
