"""The commands against a local cloud, which runs change sets, functions and custom resources over real HTTP.

The local cloud asks for no capabilities, checks neither properties nor circular references, waits for no signals of
instances and launches none, says "perhaps replace" where AWS knows, and takes a change of outputs alone for none. So
no test here is about any of that; the scripted endpoint has those.
"""

from __future__ import annotations

import base64
import json
import shutil
import signal
import time
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.ministack import Ministack
from tests.operations.local import (
    BUCKET,
    SETTING,
    WAITING,
    change_sets,
    client,
    deployed,
    edit,
    outputs,
    physical_ids,
    said,
    status,
    write,
)
from tests.operations.shell import ROOT, at_terminal, begun, ended, omegac

HELLO = "Hello world from SpartaOmega!"
IMAGE = """\
servers:
  web:
    command: python3 -m hello
    port: 80
    ingress: public
    ami: {ssm: /image, family: amazon-linux, root_device: /dev/xvda%s}
"""
PATIENCE = 30


def test_the_example_is_created_and_answers(example: Path) -> None:
    """A process of its own creates the whole example, and prints its outputs alone to standard output."""
    done = ended(begun(example, "deploy", "--stack", "hello", "--yes"))
    assert done.code == 0, done.err
    told = dict(line.split("=", 1) for line in done.out.splitlines())
    assert said(told["HelloFunctionArn"])["body"] == HELLO
    assert omegac(example, "outputs", "--stack", "hello").out == done.out
    assert {"WebServerGroup", "WebServerLaunchTemplate", "Greetings"} <= set(physical_ids("hello"))
    assert "deploy of hello: done (CREATE_COMPLETE)" in done.err
    assert omegac(example, "status", "--stack", "hello").out.count("CREATE_COMPLETE") == 2


def test_the_same_again_is_no_change(example: Path) -> None:
    """A second deployment of the same sends nothing, changes nothing, leaves no change set, and is a success."""
    first = deployed(example)
    again = deployed(example, "--detailed-exitcode")
    assert again.records[-1]["outcome"] == "unchanged"
    assert outputs(again) == outputs(first)
    assert not change_sets()
    versions = client("s3").list_object_versions(Bucket=BUCKET)["Versions"]
    assert len(versions) == len({each["Key"] for each in versions}) == 2


def test_another_application_changes_what_follows_from_it(example: Path) -> None:
    """Only what names the artifact changes; the function then runs the bytes that were built, and says so by digest."""
    deployed(example)
    edit(example / "app" / "hello.py", "Hello world", "Good evening")
    done = deployed(example)
    versions = {name: action for name, action in done.actions.items() if "Version" in name}
    assert sorted(versions.values()) == ["add", "remove"]
    assert set(done.actions) - set(versions) == {"HelloFunction", "WebServerGroup", "WebServerLaunchTemplate"}
    told = outputs(done)
    assert said(told["HelloFunctionArn"])["body"] == HELLO.replace("Hello world", "Good evening")
    running = client("lambda").get_function_configuration(FunctionName=told["HelloFunctionArn"])["CodeSha256"]
    assert base64.b64decode(running).hex() == told["ArtifactSha256"]


def test_what_holds_data_is_replaced_when_it_is_named(example: Path) -> None:
    """A yes does not replace a queue with what is in it; its name does, and then the old one is gone."""
    deployed(example)
    before = physical_ids()["Greetings"]
    edit(example / "omega.yaml", "SqsManagedSseEnabled: true", "SqsManagedSseEnabled: true, QueueName: evenings")
    refused = omegac(example, "deploy", "--stack", "x", "--yes")
    assert refused.code == 1
    assert "error[OM6104]" in refused.err
    assert physical_ids()["Greetings"] == before
    assert deployed(example, "--accept-loss", "Greetings").actions["Greetings"] == "replace"
    (queue,) = client("sqs").list_queues()["QueueUrls"]
    assert queue.endswith("/evenings")


def test_questions_are_answered_at_a_terminal(example: Path) -> None:
    """At a terminal, the bucket, the deployment and the deletion are asked for, the last by the stack's name."""
    done = at_terminal(example, ["y", "y"], "deploy", "--stack", "x")
    assert done.code == 0, done.out
    assert f"make the bucket {BUCKET}" in done.out
    declined = at_terminal(example, ["y"], "delete", "--stack", "x")
    assert (declined.code, status()) == (1, "CREATE_COMPLETE"), declined.out
    done = at_terminal(example, ["x"], "delete", "--stack", "x")
    assert done.code == 0, done.out
    assert not client("lambda").list_functions()["Functions"]
    assert not client("sqs").list_queues().get("QueueUrls")
    assert omegac(example, "outputs", "--stack", "x").code == 1


def test_a_diff_leaves_nothing_behind(shop: Path) -> None:
    """What would change is shown, with and without a change set; neither it nor a stack is left."""
    deployed(shop)
    write(shop, SETTING % "more")
    for how in ([], ["--template-only"]):
        done = omegac(shop, "diff", "--stack", "x", "--format", "json", "--detailed-exitcode", *how)
        assert (done.code, done.actions) == (5, {"Setting": "add"})
    assert omegac(shop, "diff", "--stack", "new").code == 0
    assert not change_sets()
    assert [each["StackName"] for each in client("cloudformation").describe_stacks()["Stacks"]] == ["x"]


def test_what_was_reviewed_is_executed(shop: Path) -> None:
    """A plan is kept, and executed exactly as it was made, whatever the spec has become; once."""
    deployed(shop)
    write(shop, SETTING % "reviewed")
    planned = omegac(shop, "deploy", "--stack", "x", "--plan", "--format", "json").records[-1]
    assert planned["outcome"] == "planned"
    write(shop, SETTING % "later")
    name = planned["change_set"]
    assert change_sets() == [name]
    assert deployed(shop, "--change-set", name).actions == {"Setting": "add"}
    assert physical_ids()["Setting"] == "/reviewed"
    again = omegac(shop, "deploy", "--stack", "x", "--change-set", name, "--yes")
    assert (again.code, "error[OM6105]" in again.err) == (1, True), again.err


def test_a_large_template_goes_through_the_bucket(shop: Path) -> None:
    """A template over CloudFormation's limit for a call is read from the bucket, and sent once."""
    text = "x" * 3_000
    resources = (
        f"  P{n}: {{Type: AWS::SSM::Parameter, Properties: {{Type: String, Value: {text}}}}}\n" for n in range(20)
    )
    write(shop, "resources:\n" + "".join(resources))
    assert sum(name.startswith("P") for name in deployed(shop).actions) == 20
    assert deployed(shop).records[-1]["outcome"] == "unchanged"
    versions = client("s3").list_object_versions(Bucket=BUCKET)["Versions"]
    assert sum(each["Key"].endswith(".template.json") for each in versions) == 1


def test_what_is_published_is_deployed_by_others(shop: Path) -> None:
    """The built template, deployed by boto3 with the parameters that `publish` prints, runs the artifact."""
    assert omegac(shop, "build").code == 0
    done = ended(begun(shop, "publish", "--yes"))
    assert done.out == f"ArtifactBucket={BUCKET}\n"
    given = (line.split("=", 1) for line in done.out.splitlines())
    cloudformation = client("cloudformation")
    cloudformation.create_stack(
        StackName="theirs",
        TemplateBody=(shop / "build" / "template.json").read_text("utf-8"),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in given],
        Capabilities=["CAPABILITY_IAM"],
    )
    cloudformation.get_waiter("stack_create_complete").wait(StackName="theirs", WaiterConfig={"Delay": 1})
    assert said(physical_ids("theirs")["HelloFunction"]) == "one"
    refused = omegac(shop, "deploy", "--stack", "theirs", "--yes")
    assert (refused.code, "error[OM6102]" in refused.err) == (1, True), refused.err
    adopted = omegac(shop, "deploy", "--stack", "theirs", "--yes", "--adopt")
    assert adopted.code == 0, adopted.err


def test_a_protected_stack_stays(shop: Path) -> None:
    """A stage with `protect` is not deleted until a deployment takes the protection away, which is no other change."""
    write(shop, "stages:\n  prod: {stack: x, protect: true}\n  rest: {stack: x, protect: false}\n")
    assert omegac(shop, "deploy", "--stage", "prod", "--yes").code == 0
    delete = ["delete", "--stage", "prod", "--yes", "--accept-loss", "x"]
    refused = omegac(shop, *delete)
    assert (refused.code, "error[OM6106]" in refused.err, status()) == (1, True, "CREATE_COMPLETE")
    assert refused.err.endswith("delete of x: refused\n")
    done = omegac(shop, "deploy", "--stage", "rest", "--yes")
    assert (done.code, "termination protection is off" in done.err) == (0, True), done.err
    assert omegac(shop, *delete).code == 0


def handle() -> str:
    """The address at which a stack waits, as soon as it does."""
    deadline = time.monotonic() + PATIENCE
    cloudformation = client("cloudformation")
    while time.monotonic() < deadline:
        if cloudformation.describe_stacks()["Stacks"]:
            events = cloudformation.describe_stack_events(StackName="x")["StackEvents"]
            if "Wait" in {each["LogicalResourceId"] for each in events}:
                return physical_ids()["Handle"]
        time.sleep(0.05)
    raise AssertionError("the stack does not wait")


def wait_for(told: Path, text: str) -> None:
    """Waits until a process has written a text."""
    deadline = time.monotonic() + PATIENCE
    while text not in told.read_text("utf-8"):
        assert time.monotonic() < deadline, told.read_text("utf-8")
        time.sleep(0.05)


def put(address: str) -> None:
    """Says that all is well, as `cfn-signal` does to a wait condition."""
    body = json.dumps({"Status": "SUCCESS", "Reason": "it is up", "UniqueId": "1", "Data": "up"}).encode()
    with urlopen(Request(address, body, {"Content-Type": ""}, method="PUT"), timeout=PATIENCE):  # noqa: S310 (local)
        pass


def test_a_deployment_waits_as_long_as_its_stack(shop: Path) -> None:
    """A stack that waits for somebody is followed until they have said that all is well."""
    write(shop, WAITING % PATIENCE)
    process = begun(shop, "deploy", "--stack", "x", "--yes", "--format", "json")
    address = handle()
    assert process.poll() is None
    put(address)
    done = ended(process)
    assert (done.code, json.loads(outputs(done)["Said"])) == (0, {"1": "up"})


def test_a_lost_session_is_taken_up(shop: Path) -> None:
    """Interrupted with nobody to ask, a deployment goes on by itself, and another process sees it to its end."""
    write(shop, WAITING % PATIENCE)
    process = begun(shop, "deploy", "--stack", "x", "--yes")
    address = handle()
    process.send_signal(signal.SIGINT)
    done = ended(process)
    assert (done.code, status()) == (130, "CREATE_IN_PROGRESS"), done.err
    assert "`omegac events --stack x --follow`" in done.err
    with (shop / "told").open("w") as told:
        follower = begun(shop, "events", "--stack", "x", "--follow", stdout=told)
        wait_for(shop / "told", "CREATE_IN_PROGRESS  Wait")
        put(address)
        assert ended(follower).code == 0
    first, *_, last = (shop / "told").read_text("utf-8").splitlines()
    assert "CREATE_IN_PROGRESS  x" in first
    assert "CREATE_COMPLETE     x" in last


@pytest.fixture
def network(ministack: Ministack) -> list[str]:
    """What the example with a database needs to be given: `Vpc` and `Subnets`, as options."""
    assert ministack
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    zones = [each["ZoneName"] for each in ec2.describe_availability_zones()["AvailabilityZones"][:2]]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{n}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for n, zone in enumerate(zones)
    ]
    return ["--param", f"Vpc={vpc}", "--param", f"Subnets={','.join(subnets)}"]


def test_a_database_is_reached_by_its_address(network: list[str], tmp_path: Path) -> None:
    """The example with a database needs its network named once; its instances are given the address that it has."""
    folder = tmp_path / "postgres"
    shutil.copytree(ROOT / "examples" / "postgres", folder)
    missing = omegac(folder, "deploy", "--stack", "x", "--yes")
    assert "error[OM6005]: no value for Subnets and Vpc" in missing.err
    deployed(folder, *network)
    assert deployed(folder).records[-1]["outcome"] == "unchanged"
    ids = physical_ids()
    found = client("rds").describe_db_instances(DBInstanceIdentifier=ids["Database"])["DBInstances"]
    versions = client("ec2").describe_launch_template_versions(LaunchTemplateId=ids["WebServerLaunchTemplate"])
    script = base64.b64decode(versions["LaunchTemplateVersions"][0]["LaunchTemplateData"]["UserData"]).decode()
    address = found[0]["Endpoint"]["Address"]
    assert f"POSTGRES_ADDRESS={address}\n" in script
    edit(folder / "omega.yaml", "MasterUsername: notes", "MasterUsername: other")
    shown = omegac(folder, "diff", "--stack", "x").out
    assert "± replace AWS::RDS::DBInstance Database" in shown
    assert "a snapshot of the one that is there is kept" in shown


def test_a_script_of_ones_own_is_deployed(ministack: Ministack, tmp_path: Path) -> None:
    """The example with a script of its own has a stage for a cloud without Ubuntu's image, and answers there."""
    assert ministack
    folder = tmp_path / "supervisor"
    shutil.copytree(ROOT / "examples" / "supervisor", folder)
    told = outputs(deployed(folder, "--stage", "local"))
    queue = physical_ids()["Greetings"].rpartition("/")[2]
    assert said(told["HelloFunctionArn"])["body"] == f"Hello from {queue}!"


def test_an_image_that_has_moved_is_taken(shop: Path) -> None:
    """The same spec deploys the image that its parameter of SSM names by now; one that is pinned stays as it is."""
    ssm = client("ssm")
    ssm.put_parameter(Name="/image", Type="String", Value="ami-0000000000000000a")
    write(shop, IMAGE % "")
    deployed(shop)
    assert deployed(shop).records[-1]["outcome"] == "unchanged"
    ssm.put_parameter(Name="/image", Type="String", Value="ami-0000000000000000b", Overwrite=True)
    assert {"WebServerLaunchTemplate", "WebServerGroup"} == set(deployed(shop).actions)
    assert image() == "ami-0000000000000000b"
    write(shop, IMAGE % ", pin: ami-0000000000000000a")
    deployed(shop)
    ssm.put_parameter(Name="/image", Type="String", Value="ami-0000000000000000c", Overwrite=True)
    assert deployed(shop).records[-1]["outcome"] == "unchanged"
    assert image() == "ami-0000000000000000a"


def image() -> str:
    """The image that the server's newest launch template boots from."""
    template = physical_ids()["WebServerLaunchTemplate"]
    found = client("ec2").describe_launch_template_versions(LaunchTemplateId=template, Versions=["$Latest"])
    return str(found["LaunchTemplateVersions"][0]["LaunchTemplateData"]["ImageId"])


def test_tags_stay(shop: Path) -> None:
    """A tag that was given, or set by others, is on the stack until it is given another value."""
    deployed(shop, "--tag", "team=a", "--tag", "cost=1")
    write(shop, SETTING % "more")
    deployed(shop, "--tag", "team=b")
    (stack,) = client("cloudformation").describe_stacks(StackName="x")["Stacks"]
    tags = {tag["Key"]: tag["Value"] for tag in stack["Tags"]}
    assert tags == {"omegac:service": "shop", "team": "b", "cost": "1"}


def test_a_secret_is_kept_and_never_shown(shop: Path) -> None:
    """A secret is given once, is the stack's from then on, and is in nothing that any command writes."""
    secret = "a-very-secret-text"  # noqa: S105 (of no account)
    write(shop, "parameters:\n  Key: {no_echo: true}\n" + (SETTING % "key").replace("Value: v", "Value: !Ref Key"))
    done = deployed(shop, "--param", f"Key={secret}")
    edit(shop / "app" / "hello.py", "one", "two")
    told = [done, deployed(shop)]
    told += [omegac(shop, command, "--stack", "x") for command in ("status", "events", "outputs", "diff")]
    assert not [each for each in told if secret in each.out + each.err]
    assert client("ssm").get_parameter(Name="/key")["Parameter"]["Value"] == secret


def test_a_killed_deployment_is_deployed_again(shop: Path) -> None:
    """After a kill, the same command waits for what goes on without it, and finds nothing more to do."""
    write(shop, WAITING % PATIENCE)
    killed = begun(shop, "deploy", "--stack", "x", "--yes")
    address = handle()
    killed.kill()
    ended(killed)
    with (shop / "told").open("w") as told:
        again = begun(shop, "deploy", "--stack", "x", "--yes", "--format", "json", stdout=told)
        wait_for(shop / "told", "waiting for the end of that")
        put(address)
        done = ended(again)._replace(out=(shop / "told").read_text("utf-8"))
    assert (done.code, json.loads(outputs(done)["Said"])) == (0, {"1": "up"})
    assert done.records[-1]["outcome"] == "unchanged"
    assert len(client("cloudformation").describe_stacks()["Stacks"]) == 1
