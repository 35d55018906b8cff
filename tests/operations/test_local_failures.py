"""Failures in a local cloud, where resources really clash: what is undone, what is told, and how it goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from tests.ministack import Ministack
from tests.operations.local import SETTING, WAITING, client, deployed, edit, outputs, physical_ids, said, status, write
from tests.operations.shell import Done, omegac
from tests.test_image_lookup import NEW, OLD, Cloud, served

PART = """\
resources:
  Part:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: %s/parts/part.json
      Parameters: {Name: /%s}
outputs:
  Inner: {Value: !GetAtt Part.Outputs.Inner}
"""
INNER = """{
  "Parameters": {"Name": {"Type": "String"}},
  "Resources": {"Inner": {"Type": "AWS::SSM::Parameter", "Properties": {
    "Type": "String", "Value": "v", "Name": {"Ref": "Name"}}}},
  "Outputs": {"Inner": {"Value": {"Ref": "Inner"}}}
}"""
LOOKUP = """\
omega: 1
service: shop
artifact: app
servers:
  web:
    command: python3 -m hello
    port: 80
    ingress: public
    ami:
      lookup: {owner: "099720109477", name: "ubuntu/*"}
      family: ubuntu
overrides:
  WebServerImageLookup:
    Properties: {Environment: {Variables: {AWS_ENDPOINT_URL_EC2: "%s"}}}
"""


@pytest.fixture
def taken(shop: Path) -> Path:
    """A service, and a parameter `/taken` that somebody else has made."""
    client("ssm").put_parameter(Name="/taken", Type="String", Value="theirs")
    return shop


def failed(folder: Path, *more: str) -> Done:
    """A deployment to the stack `x` that must fail in CloudFormation."""
    done = omegac(folder, "deploy", "--stack", "x", "--yes", *more)
    assert done.code == 4, done.out + done.err
    return done


def line_of(folder: Path, text: str) -> int:
    """The number of the first line of the spec that has a text."""
    lines = (folder / "omega.yaml").read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_a_clash_rolls_a_creation_back(taken: Path) -> None:
    """What was created goes again, and the clash is told at its line; then a new creation needs a yes, and gets one."""
    write(taken, SETTING % "taken")
    done = failed(taken)
    assert status() == "ROLLBACK_COMPLETE"
    assert not client("lambda").list_functions()["Functions"]
    assert "error[OM6201]: Setting (AWS::SSM::Parameter) was not created" in done.err
    assert f" --> omega.yaml:{line_of(taken, 'AWS::SSM::Parameter')}:5" in done.err
    assert done.err.count("error[") == 1
    assert "  resources:       none\n" in omegac(taken, "status", "--stack", "x").out
    edit(taken / "omega.yaml", "/taken", "/free")
    refused = omegac(taken, "deploy", "--stack", "x")
    assert (refused.code, "error[OM6103]" in refused.err) == (1, True), refused.err
    assert status() == "ROLLBACK_COMPLETE"
    deployed(taken)
    assert (status(), physical_ids()["Setting"]) == ("CREATE_COMPLETE", "/free")


def test_a_clash_rolls_an_update_back(taken: Path) -> None:
    """An update that clashes leaves the stack as it was, tells the line, and is followed by one that succeeds."""
    write(taken, SETTING % "free")
    arn = outputs(deployed(taken))["HelloFunctionArn"]
    edit(taken / "omega.yaml", "/free", "/taken")
    edit(taken / "app" / "hello.py", "one", "two")
    done = failed(taken)
    assert (status(), physical_ids()["Setting"]) == ("UPDATE_ROLLBACK_COMPLETE", "/free")
    assert f" --> omega.yaml:{line_of(taken, 'AWS::SSM::Parameter')}:5" in done.err
    assert said(arn) == "one"
    shown = omegac(taken, "events", "--stack", "x")
    assert "UPDATE_FAILED       Setting" in shown.out
    assert "error[OM6201]" in shown.err
    edit(taken / "omega.yaml", "/taken", "/other")
    deployed(taken)
    assert (said(arn), physical_ids()["Setting"]) == ("two", "/other")


def test_a_failure_may_be_left_as_it_is(taken: Path) -> None:
    """Without a rollback, what was created stays to be looked at; the next deployment asks, and clears it away."""
    write(taken, SETTING % "taken")
    failed(taken, "--no-rollback")
    assert status() == "CREATE_FAILED"
    function = physical_ids()["HelloFunction"]
    assert said(function) == "one"
    edit(taken / "omega.yaml", "/taken", "/free")
    refused = omegac(taken, "deploy", "--stack", "x", "--yes")
    assert "error[OM6104]" in refused.err
    assert said(function) == "one"
    deployed(taken, "--accept-loss", "HelloFunctionLogGroup")
    assert (status(), physical_ids()["Setting"]) == ("CREATE_COMPLETE", "/free")


def test_what_was_there_before_is_not_lost(taken: Path) -> None:
    """An update that failed without a rollback is undone with a yes, where all that holds data is older."""
    queue = "  Jobs: {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: %d}}\n"
    write(taken, SETTING % "free" + queue % 60)
    deployed(taken)
    before = physical_ids()
    write(taken, SETTING % "taken" + queue % 90)
    failed(taken, "--no-rollback")
    assert status() == "UPDATE_FAILED"
    write(taken, SETTING % "free" + queue % 60)
    done = deployed(taken)
    assert "agrees to nothing" not in done.err
    assert (status(), physical_ids()) == ("UPDATE_ROLLBACK_COMPLETE", before)


def test_what_was_made_since_is_lost(taken: Path) -> None:
    """What that update has made goes by name alone, be it new or made anew."""
    queue = "  Jobs: {Type: AWS::SQS::Queue, Properties: {QueueName: %s}}\n"
    write(taken, SETTING % "free" + queue % "jobs")
    deployed(taken)
    more = "  Added: {Type: AWS::SQS::Queue}\n"
    write(taken, SETTING % "taken" + queue % "others" + more)
    failed(taken, "--no-rollback", "--accept-loss", "Jobs")
    assert status() == "UPDATE_FAILED"
    made = set(physical_ids()) & {"Added", "Jobs"}
    write(taken, SETTING % "free" + queue % "jobs")
    refused = omegac(taken, "deploy", "--stack", "x", "--yes")
    assert "error[OM6104]" in refused.err
    assert [name for name in ("Added", "Jobs") if f"has created {name}" in refused.err] == sorted(made)


def test_a_wait_in_vain_is_told(shop: Path) -> None:
    """A stack that waits for nobody is rolled back in its time, and what to look at is told."""
    write(shop, WAITING % 1)
    done = failed(shop)
    assert status() == "ROLLBACK_COMPLETE"
    assert "error[OM6203]: Wait (AWS::CloudFormation::WaitCondition) was not created" in done.err
    assert f" --> omega.yaml:{line_of(shop, '  Wait:') + 1}:5" in done.err


def test_a_nested_stack_is_followed(taken: Path, ministack: Ministack) -> None:
    """The events of a nested stack are shown by their path, its failure with the reason of what failed inside."""
    s3 = client("s3")
    s3.create_bucket(Bucket="parts", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="parts", Key="part.json", Body=INNER)
    write(taken, PART % (ministack.url, "free"))
    done = deployed(taken)
    assert outputs(done)["Inner"] == "/free"
    inside = [record["status"] for record in done.of_type("event") if record["path"] == ["Part", "Inner"]]
    assert inside == ["CREATE_IN_PROGRESS", "CREATE_COMPLETE"]
    edit(taken / "omega.yaml", "/free", "/taken")
    told = failed(taken, "--accept-loss", "Part").err
    assert status() == "UPDATE_ROLLBACK_COMPLETE"
    assert "ParameterAlreadyExists" in told
    assert f" --> omega.yaml:{line_of(taken, 'AWS::CloudFormation::Stack')}:5" in told


def test_what_others_import_is_not_deleted(shop: Path) -> None:
    """The refusal of CloudFormation names who imports it, and the stack stays as it is."""
    write(shop, "outputs:\n  Shared: {Value: one, Export: {Name: shared}}\n")
    deployed(shop)
    properties = {"Type": "String", "Value": {"Fn::ImportValue": "shared"}}
    template = {"Resources": {"Theirs": {"Type": "AWS::SSM::Parameter", "Properties": properties}}}
    cloudformation = client("cloudformation")
    cloudformation.create_stack(StackName="importer", TemplateBody=json.dumps(template))
    cloudformation.get_waiter("stack_create_complete").wait(StackName="importer", WaiterConfig={"Delay": 1})
    done = omegac(shop, "delete", "--stack", "x", "--yes", "--accept-loss", "x")
    assert (done.code, status()) == (1, "CREATE_COMPLETE")
    assert "shared is imported by stack importer" in done.err


@pytest.fixture
def images() -> Iterator[tuple[Cloud, str]]:
    """Images as EC2 lists them, and the address at which it does: the local cloud's own list lacks dates."""
    cloud = Cloud()
    with served(cloud) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield cloud, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_an_image_is_looked_up(shop: Path, images: tuple[Cloud, str]) -> None:
    """The function of a custom resource runs, and the launch template boots from the newest image that it finds."""
    cloud, address = images
    cloud.pages = [[OLD, NEW]]
    (shop / "omega.yaml").write_text(LOOKUP % address, "utf-8")
    deployed(shop)
    template = physical_ids()["WebServerLaunchTemplate"]
    (version,) = client("ec2").describe_launch_template_versions(LaunchTemplateId=template)["LaunchTemplateVersions"]
    data = version["LaunchTemplateData"]
    assert data["ImageId"] == NEW.image_id
    assert [each["DeviceName"] for each in data["BlockDeviceMappings"]] == [NEW.root]


def test_a_look_up_that_finds_nothing_is_told(shop: Path, images: tuple[Cloud, str]) -> None:
    """What the function of a custom resource raises is told where the look-up is written."""
    (shop / "omega.yaml").write_text(LOOKUP % images[1], "utf-8")
    done = failed(shop)
    assert status() == "ROLLBACK_COMPLETE"
    assert "099720109477 has no available x86_64 image named ubuntu/*" in done.err
    assert f" --> omega.yaml:{line_of(shop, 'lookup:')}:" in done.err
