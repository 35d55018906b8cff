"""The commands on stacks as they are typed: the code each ends with, and what of its options reaches AWS."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from omegac.arguments.stacks import COMMANDS
from omegac.operations.stack import SERVICE_TAG
from omegac.template import Compilation
from tests.endpoint import ACCOUNT, REGION, Endpoint
from tests.operations.scene import SPEC, compiled
from tests.operations.shell import begun, ended, omegac

OTHER_ACCOUNT = "222222222222"
ELSEWHERE = "eu-west-3"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/deployer"


def nothing(_: Endpoint) -> None:
    """All goes well."""


class Case(NamedTuple):
    """A command on the stack `shop`, how that stands before, and the code that it ends with."""

    typed: str
    status: str
    code: int
    scripted: Callable[[Endpoint], None] = nothing
    tags: Mapping[str, str] = {SERVICE_TAG: "shop"}
    """Those of the stack."""

    @property
    def name(self) -> str:
        whose = "" if self.tags else " not omegac's"
        return f"{self.typed}, {self.status or 'ABSENT'}{whose}, {self.scripted.__name__}"


def stand(endpoint: Endpoint, compilation: Compilation, status: str, **more: Any) -> None:
    """Puts the stack there as a compilation has made it; without a status, none."""
    bucket = {"ArtifactBucket": f"omegac-{ACCOUNT}-{REGION}"}
    if status:
        endpoint.stack(
            "shop",
            status,
            **{
                "template": compilation.template,
                "tags": {SERVICE_TAG: "shop"},
                **more,
                "parameters": {**bucket, **more.get("parameters", {})},
            },
        )


def queue_fails(endpoint: Endpoint) -> None:
    endpoint.fail("Queue", reason="no queue today")


def function_stays(endpoint: Endpoint) -> None:
    endpoint.fail("HelloFunction", during="delete", reason="it is in use")


def is_protected(endpoint: Endpoint) -> None:
    endpoint.stack("shop", protected=True)


def events_are_lost(endpoint: Endpoint) -> None:
    endpoint.before("ExecuteChangeSet", lambda: endpoint.fault("DescribeStacks", "expired-token", times=99))


def change_sets_are_denied(endpoint: Endpoint) -> None:
    endpoint.fault("CreateChangeSet", "access-denied", times=9)


def fails_while_it_is_followed(endpoint: Endpoint) -> None:
    endpoint.stack("shop", "UPDATE_ROLLBACK_IN_PROGRESS", then=["UPDATE_ROLLBACK_COMPLETE"])


THERE = "CREATE_COMPLETE"
CASES = (
    Case("deploy --yes", "", 0),
    Case("deploy --yes --detailed-exitcode", "", 5),
    Case("deploy --yes --detailed-exitcode", THERE, 0),
    Case("deploy --yes --plan --detailed-exitcode", "", 5),
    Case("deploy --detailed-exitcode", "", 1),
    Case("deploy --yes", THERE, 1, tags={}),
    Case("deploy --yes", "DELETE_FAILED", 1),
    Case("deploy --yes --change-set unheard-of", THERE, 1),
    Case("deploy --yes", "", 1, events_are_lost),
    Case("deploy --yes --detailed-exitcode", "", 4, queue_fails),
    Case("diff --detailed-exitcode", "", 5),
    Case("diff --detailed-exitcode", THERE, 0),
    Case("diff --detailed-exitcode --template-only", "", 5),
    Case("diff --detailed-exitcode", "", 1, change_sets_are_denied),
    Case("status", THERE, 0),
    Case("status", "", 0),
    Case("outputs", THERE, 0),
    Case("outputs", "", 1),
    Case("events", THERE, 0),
    Case("events --follow", THERE, 0),
    Case("events --follow", THERE, 4, fails_while_it_is_followed),
    Case("events", "", 1),
    Case("delete --yes --accept-loss shop", THERE, 0),
    Case("delete --yes", "", 0),
    Case("delete --yes", THERE, 1),
    Case("delete --yes --accept-loss shop", THERE, 1, is_protected),
    Case("delete --yes --accept-loss shop", THERE, 1, tags={}),
    Case("delete --yes --force --accept-loss shop", THERE, 0, tags={}),
    Case("delete --yes --accept-loss shop", THERE, 4, function_stays),
)


@pytest.mark.parametrize("case", CASES, ids=[each.name for each in CASES])
def test_each_command_ends_with_the_code_of_its_outcome(
    case: Case, endpoint: Endpoint, compilations: Mapping[str, Compilation]
) -> None:
    """Done is 0, refused 1, a failure of CloudFormation 4, and a change 5 where that is asked for."""
    queue = compilations["queue"]
    stand(endpoint, queue, case.status, tags=case.tags)
    case.scripted(endpoint)
    done = omegac(queue.spec.folder, *shlex.split(case.typed), "--stack", "shop")
    assert done.code == case.code, done.out + done.err


@pytest.mark.parametrize(("typed", "code"), [("--yes", 0), ("", 1), ("--bucket nobodys", 1)])
def test_publish_ends_with_the_code_of_its_outcome(
    typed: str, code: int, endpoint: Endpoint, compilations: Mapping[str, Compilation]
) -> None:
    """What is published is printed for the next command; without consent, and to a bucket of nobody, nothing is."""
    done = omegac(compilations["queue"].spec.folder, "publish", *typed.split())
    assert (done.code, done.out) == (code, "" if code else f"ArtifactBucket=omegac-{ACCOUNT}-{REGION}\n"), done.err
    assert bool(endpoint.writes) == (code == 0)


USAGE = [
    *(f"{command} --unheard-of" for command in sorted(COMMANDS)),
    *(f"{command} --format yaml" for command in sorted(COMMANDS)),
    *(f"{command} omega.yaml another.yaml" for command in sorted(COMMANDS)),
    *(f"{command} --detailed-exitcode" for command in ("delete", "events", "outputs", "publish", "status")),
    *("status --yes", "publish --stack shop", "diff --plan", "delete --adopt", "outputs --param A=b"),
    *("deploy --param A", "deploy --param =b", "diff --param A", "deploy --tag A", "deploy --tag =b", "deploy --stack"),
    *(
        f"deploy --change-set c {more}"
        for more in ("--plan", "--param A=b", "--params-file f", "--bucket b", "--tag a=b", "--role-arn r")
    ),
]


@pytest.mark.parametrize("typed", USAGE)
def test_a_command_line_that_makes_no_sense_is_2(
    typed: str, endpoint: Endpoint, compilations: Mapping[str, Compilation]
) -> None:
    """What the command does not take is told on standard error, and nobody is called."""
    done = omegac(compilations["alone"].spec.folder, *typed.split())
    assert (done.code, done.out) == (2, "")
    assert "Error:" in done.err
    assert endpoint.calls == []


def interrupt_at(endpoint: Endpoint, operation: str, process: subprocess.Popen[str]) -> None:
    """Has Ctrl-C pressed while a call of an operation is served."""
    endpoint.before(operation, lambda: process.send_signal(signal.SIGINT))


@pytest.mark.parametrize(
    ("typed", "begins", "goes_on"),
    [
        ("deploy --yes", "ExecuteChangeSet", "CREATE_IN_PROGRESS"),
        ("delete --yes --accept-loss shop", "DeleteStack", "DELETE_IN_PROGRESS"),
        ("events --follow", "", "UPDATE_IN_PROGRESS"),
    ],
)
def test_interrupted_is_130_and_goes_on(
    typed: str, begins: str, goes_on: str, endpoint: Endpoint, compilations: Mapping[str, Compilation]
) -> None:
    """What is under way is left to itself where nobody can be asked, and how to take it up again is said."""
    alone = compilations["alone"]
    stand(endpoint, alone, {"deploy": "", "events": goes_on}.get(typed.split(maxsplit=1)[0], THERE))
    endpoint.hold(*alone.root.value["Resources"])
    process = begun(alone.spec.folder, *typed.split(), "--stack", "shop")
    if begins:
        endpoint.before(begins, lambda: interrupt_at(endpoint, "DescribeStackEvents", process))
    else:
        # The first look at the events finds out which operation is under way; the next ones follow it.
        endpoint.before("DescribeStackEvents", lambda: process.send_signal(signal.SIGINT), after=2)
    done = ended(process)
    assert (done.code, endpoint.find("shop").status) == (130, goes_on), done.err
    assert "`omegac events --stack shop --follow` takes it up again" in done.err


def test_interrupted_before_anything_has_begun_is_130(
    endpoint: Endpoint, compilations: Mapping[str, Compilation]
) -> None:
    """A deployment that is interrupted before it has begun has written nothing."""
    process = begun(compilations["alone"].spec.folder, "deploy", "--yes", "--stack", "shop", "--format", "json")
    interrupt_at(endpoint, "DescribeStacks", process)
    done = ended(process)
    assert (done.code, done.records[-1]["outcome"]) == (130, "interrupted"), done.err
    assert endpoint.writes == []


def test_role_and_tags_are_the_change_sets(endpoint: Endpoint, compilations: Mapping[str, Compilation]) -> None:
    """The role is CloudFormation's, and tags add to those of the stack; one keeps its equals signs."""
    stand(endpoint, compilations["alone"], THERE, tags={SERVICE_TAG: "shop", "cost": "1", "team": "a"})
    options = ["--role-arn", ROLE, "--tag", "team=b", "--tag", "filter=x=y", "--plan", "--yes"]
    done = omegac(compilations["queue"].spec.folder, "deploy", "--stack", "shop", *options)
    assert done.code == 0, done.err
    (request,) = endpoint.called("CreateChangeSet")
    assert request["RoleARN"] == ROLE
    tags = {tag["Key"]: tag["Value"] for tag in request["Tags"]}
    assert tags == {SERVICE_TAG: "shop", "cost": "1", "team": "b", "filter": "x=y"}


def staged(folder: Path, stage: str, more: str = "") -> Path:
    """A project with a stage `prod`; gives its folder."""
    compiled(folder, f"{SPEC}{more}stages:\n  prod: {{{stage}}}\n").artifact.content.close()
    return folder


def planned(folder: Path, *options: str) -> None:
    """Plans a deployment, which has to go well."""
    done = omegac(folder, "deploy", "--yes", "--plan", *options)
    assert done.code == 0, done.err


@pytest.mark.parametrize(
    ("stage", "options", "region"),
    [
        ("stack: shop", ["--stage", "prod"], REGION),
        ("stack: shop", ["--stage", "prod", "--region", ELSEWHERE], ELSEWHERE),
        (f"stack: shop, region: {ELSEWHERE}", ["--stage", "prod"], ELSEWHERE),
        (f"stack: shop, region: {ELSEWHERE}", ["--stack", "shop"], REGION),
    ],
)
def test_the_region_is_that_of_the_option_or_the_stage(
    stage: str, options: list[str], region: str, endpoint: Endpoint, tmp_path: Path
) -> None:
    """Calls are signed for the region that is named, else for that of the stage, else for that of the environment."""
    planned(staged(tmp_path, stage), *options)
    assert [(stack.name, stack.region) for stack in endpoint.stacks] == [("shop", region)]
    assert list(endpoint.buckets) == [f"omegac-{ACCOUNT}-{region}"]
    assert endpoint.buckets[f"omegac-{ACCOUNT}-{region}"].region == region


@pytest.fixture
def profiled(endpoint: Endpoint, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Endpoint:
    """The endpoint, and AWS's configuration with a profile that has a region and keys, and one that has no keys."""
    config = tmp_path_factory.mktemp("aws") / "config"
    keys = "aws_access_key_id = theirs\naws_secret_access_key = theirs\n"
    config.write_text(f"[profile there]\nregion = {ELSEWHERE}\n{keys}[profile bare]\nregion = {ELSEWHERE}\n", "utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    return endpoint


def test_a_profile_names_the_region(profiled: Endpoint, compilations: Mapping[str, Compilation]) -> None:
    """The profile that is named says where to work, unless the command line does."""
    folder = compilations["alone"].spec.folder
    planned(folder, "--stack", "shop", "--profile", "there")
    planned(folder, "--stack", "shop", "--profile", "there", "--region", REGION)
    assert [stack.region for stack in profiled.stacks] == [ELSEWHERE, REGION]


@pytest.mark.parametrize("profile", ["bare", "unheard-of"])
@pytest.mark.parametrize("command", ["deploy", "publish", "status"])
def test_a_profile_of_no_use_is_refused(
    command: str, profile: str, profiled: Endpoint, compilations: Mapping[str, Compilation]
) -> None:
    """A profile without keys is not given those of the environment, and one that is not there is said not to be."""
    where = [] if command == "publish" else ["--stack", "shop"]
    done = omegac(compilations["alone"].spec.folder, command, *where, "--profile", profile)
    assert (done.code, "error[OM6001]" in done.err) == (1, True), done.err
    assert profiled.calls == []


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_a_stage_of_another_account_is_not_touched(command: str, endpoint: Endpoint, tmp_path: Path) -> None:
    """Credentials of another account are refused once it is known whose they are, before all other calls."""
    yes = ["--yes"] if "yes" in COMMANDS[command].options else []
    done = omegac(staged(tmp_path, f'account: "{OTHER_ACCOUNT}"'), command, "--stage", "prod", *yes)
    assert (done.code, "error[OM6002]" in done.err) == (1, True), done.err
    assert [call.operation for call in endpoint.calls] == ["GetCallerIdentity"]


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_a_stage_of_another_region_is_not_touched(command: str, endpoint: Endpoint, tmp_path: Path) -> None:
    """A region that is not the stage's is refused before anybody is called."""
    folder = staged(tmp_path, f"region: {ELSEWHERE}")
    done = omegac(folder, command, "--stage", "prod", "--region", REGION)
    assert (done.code, "error[OM6002]" in done.err) == (1, True), done.err
    assert endpoint.calls == []


@pytest.mark.parametrize("command", ["deploy", "publish"])
def test_a_stage_of_this_account_is_deployed(command: str, endpoint: Endpoint, tmp_path: Path) -> None:
    """Where account and region are those of the stage, all is as without them."""
    folder = staged(tmp_path, f'account: "{ACCOUNT}", region: {REGION}')
    assert omegac(folder, command, "--stage", "prod", "--yes").code == 0
    assert endpoint.buckets


@pytest.mark.parametrize(
    ("stage", "options", "whose"),
    [
        ("bucket: theirs, bucket_owner: '222222222222'", [], ("theirs", OTHER_ACCOUNT)),
        ("bucket: ours", [], ("ours", ACCOUNT)),
        ("bucket: ours", ["--bucket", "mine"], ("mine", ACCOUNT)),
    ],
)
@pytest.mark.parametrize("command", ["deploy --plan", "publish"])
def test_each_call_to_the_bucket_names_its_owner(
    command: str, stage: str, options: list[str], whose: tuple[str, str], endpoint: Endpoint, tmp_path: Path
) -> None:
    """The bucket is that of the option, else of the stage, and every call says whose it has to be."""
    for name in ("mine", "ours"):
        endpoint.bucket(name)
    endpoint.bucket("theirs", owner=OTHER_ACCOUNT)
    done = omegac(staged(tmp_path, stage), *command.split(), "--stage", "prod", "--yes", *options)
    assert done.code == 0, done.err
    to_s3 = [call.params for call in endpoint.calls if call.service == "s3"]
    assert {(each["Bucket"], each.get("ExpectedBucketOwner")) for each in to_s3} == {whose}
    assert endpoint.buckets[whose[0]].objects


@pytest.mark.parametrize("command", ["deploy", "publish"])
def test_a_bucket_of_somebody_else_is_sent_nothing(command: str, endpoint: Endpoint, tmp_path: Path) -> None:
    """A bucket that is not its owner's whom the stage names is refused before anything is sent."""
    endpoint.bucket("ours")
    folder = staged(tmp_path, f'bucket: ours, bucket_owner: "{OTHER_ACCOUNT}"')
    done = omegac(folder, command, "--stage", "prod", "--yes")
    assert (done.code, "error[OM6007]" in done.err) == (1, True), done.err
    assert endpoint.writes == []


@pytest.mark.parametrize(
    ("stage", "options", "name"),
    [
        ("stack: of-the-stage", ["--stage", "prod"], "of-the-stage"),
        ("stack: of-the-stage", ["--stage", "prod", "--stack", "given"], "given"),
        ("", ["--stage", "prod"], "shop-prod"),
    ],
)
def test_the_stack_is_that_of_the_option_or_the_stage(
    stage: str, options: list[str], name: str, endpoint: Endpoint, tmp_path: Path
) -> None:
    """The name that is typed is taken, else the stage's, else that of service and stage: by each command alike."""
    folder = staged(tmp_path, stage)
    planned(folder, *options)
    assert [stack.name for stack in endpoint.stacks] == [name]
    for command in ("status", "delete"):
        endpoint.calls.clear()
        assert omegac(folder, command, *options).code in {0, 1}
        assert endpoint.called("DescribeStacks")[0]["StackName"] == name


@pytest.mark.parametrize(
    ("stage", "before", "calls"),
    [
        ("protect: true", False, [True]),
        ("protect: false", True, [False]),
        ("protect: false", False, []),
        ("", True, []),
    ],
)
def test_protection_is_set_where_it_is_not_as_the_stage_says(
    stage: str, calls: list[bool], endpoint: Endpoint, tmp_path: Path, *, before: bool
) -> None:
    """Termination protection becomes what the stage says, is not called for in vain, and else left alone."""
    more = f"{SPEC}stages: {{prod: {{{', '.join(each for each in ('stack: shop', stage) if each)}}}}}\n"
    compilation = compiled(tmp_path, more)
    stand(endpoint, compilation, THERE, protected=before)
    done = omegac(tmp_path, "deploy", "--stage", "prod", "--yes")
    compilation.artifact.content.close()
    assert done.code == 0, done.err
    said = [each["EnableTerminationProtection"] == "true" for each in endpoint.called("UpdateTerminationProtection")]
    assert said == calls
    assert endpoint.find("shop").protected is (calls[0] if calls else before)


LEVEL = "parameters: {Level: {default: of-default}}\n"
SOURCES = ("given", "stage", "file", "previous", "default")
"""In the order in which they go before each other, as docs/deploying.md has it."""


def level(endpoint: Endpoint) -> Mapping[str, str] | None:
    """What CreateChangeSet was sent of `Level` last; None where it was left to the template."""
    sent = {each["ParameterKey"]: each for each in endpoint.called("CreateChangeSet")[-1]["Parameters"]}
    return sent.get("Level")


def with_value(value: str) -> Mapping[str, str]:
    return {"ParameterKey": "Level", "ParameterValue": value}


KEPT = {"ParameterKey": "Level", "UsePreviousValue": "true"}


@pytest.mark.parametrize("first", SOURCES)
def test_the_first_value_there_is_is_sent(first: str, endpoint: Endpoint, tmp_path: Path) -> None:
    """--param goes before the stage, it before the file, that before the previous value, and all before the default."""
    there = SOURCES[SOURCES.index(first) :]
    folder = staged(
        tmp_path, "stack: shop, parameters: {Level: of-stage}" if "stage" in there else "stack: shop", LEVEL
    )
    (folder / "values.yaml").write_text("Level: of-file\n", "utf-8")
    compilation = compiled(tmp_path / "deployed", SPEC + LEVEL)
    stand(endpoint, compilation, THERE if "previous" in there else "", parameters={"Level": "of-previous"})
    compilation.artifact.content.close()
    given = ["--param", "Level=of-given"] if "given" in there else []
    file = ["--params-file", "values.yaml"] if "file" in there else []
    # A queue more than before, so that something changes in any case.
    with (folder / "omega.yaml").open("a", encoding="utf-8") as spec:
        spec.write("resources: {More: {Type: AWS::SNS::Topic}}\n")
    planned(folder, "--stage", "prod", *given, *file)
    assert level(endpoint) == {"previous": KEPT, "default": None}.get(first, with_value(f"of-{first}"))


@pytest.mark.parametrize(
    ("entry", "sent"),
    [({"ParameterValue": "of-file"}, with_value("of-file")), ({"UsePreviousValue": True}, KEPT)],
)
def test_a_file_may_be_the_list_of_the_aws_cli(
    entry: Mapping[str, Any], sent: Mapping[str, str], endpoint: Endpoint, tmp_path: Path
) -> None:
    """An entry of such a list has a value, or says that the previous one is kept."""
    compilation = compiled(tmp_path / "deployed", SPEC + LEVEL)
    stand(endpoint, compilation, THERE, parameters={"Level": "of-previous"})
    compilation.artifact.content.close()
    folder = staged(tmp_path, "stack: shop", LEVEL + "resources: {More: {Type: AWS::SNS::Topic}}\n")
    (folder / "values.json").write_text(json.dumps([{"ParameterKey": "Level", **entry}]), "utf-8")
    planned(folder, "--stage", "prod", "--params-file", "values.json")
    assert level(endpoint) == sent


def test_the_bucket_is_passed_anew(endpoint: Endpoint, compilations: Mapping[str, Compilation]) -> None:
    """The bucket of this deployment goes before that of the previous one, which the artifact is not in."""
    stand(endpoint, compilations["alone"], THERE)
    endpoint.bucket("another")
    planned(compilations["queue"].spec.folder, "--stack", "shop", "--bucket", "another")
    sent = endpoint.called("CreateChangeSet")[-1]["Parameters"]
    assert {"ParameterKey": "ArtifactBucket", "ParameterValue": "another"} in sent


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--param", "Levle=x"], "OM6003"),
        (["--params-file", "nowhere.yaml"], ""),
        (["--params-file", "omega.yaml"], "OM6006"),
    ],
)
@pytest.mark.parametrize("command", ["deploy", "diff"])
def test_values_of_no_parameter_are_refused_before_any_call(
    command: str, options: list[str], code: str, endpoint: Endpoint, tmp_path: Path
) -> None:
    """A name that no parameter has, and a file that is not there, stop a command before anybody is called."""
    done = omegac(staged(tmp_path, "", LEVEL), command, "--stack", "shop", *options)
    assert done.code == 1
    assert code in done.err
    assert endpoint.calls == []
