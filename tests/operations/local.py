"""What tests against the local cloud stand on: two services, their deployment, and a look at what became of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.ministack import ACCOUNT, REGION, Ministack
from tests.operations.scene import SPEC
from tests.operations.shell import ROOT, Done, omegac

BUCKET = f"omegac-{ACCOUNT}-{REGION}"
SETTING = "resources:\n  Setting:\n    Type: AWS::SSM::Parameter\n    Properties: {Type: String, Value: v, Name: /%s}\n"
WAITING = """\
resources:
  Handle: {Type: AWS::CloudFormation::WaitConditionHandle}
  Wait:
    Type: AWS::CloudFormation::WaitCondition
    Properties: {Handle: !Ref Handle, Timeout: "%d"}
outputs:
  Said: {Value: !GetAtt Wait.Data}
"""


@pytest.fixture
def example(ministack: Ministack, tmp_path: Path) -> Path:
    """A copy of the repository's own example."""
    assert ministack
    for name in ("omega.yaml", "userdata.sh"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "app", tmp_path / "app", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


@pytest.fixture
def shop(ministack: Ministack, tmp_path: Path) -> Path:
    """A service with a function alone."""
    assert ministack
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "hello.py").write_text("def handler(event, context):\n    return 'one'\n", "utf-8")
    write(tmp_path, "")
    return tmp_path


def write(folder: Path, more: str) -> None:
    (folder / "omega.yaml").write_text(SPEC + more, "utf-8")


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def client(service: str) -> Any:
    """A client that looks at what was done, with no part of omegac between."""
    return boto3.client(service, config=Config(s3={"addressing_style": "path"}) if service == "s3" else None)


def deployed(folder: Path, *more: str) -> Done:
    """A deployment to the stack `x` that must end well, as JSON."""
    done = omegac(folder, "deploy", "--stack", "x", "--yes", "--format", "json", *more)
    assert done.code == 0, done.out + done.err
    return done


def outputs(done: Done) -> dict[str, str]:
    """The outputs that a command has told."""
    (told,) = done.of_type("outputs")
    return dict(told["values"])


def status(name: str = "x") -> str:
    return str(client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])


def physical_ids(name: str = "x") -> dict[str, str]:
    resources = client("cloudformation").describe_stack_resources(StackName=name)["StackResources"]
    return {each["LogicalResourceId"]: each.get("PhysicalResourceId", "") for each in resources}


def change_sets() -> list[str]:
    """The names of those that wait to be executed."""
    listed = client("cloudformation").list_change_sets(StackName="x")["Summaries"]
    return [each["ChangeSetName"] for each in listed if each["ExecutionStatus"] == "AVAILABLE"]


def said(arn: str) -> Any:
    """What a function answers."""
    return json.loads(client("lambda").invoke(FunctionName=arn)["Payload"].read())
