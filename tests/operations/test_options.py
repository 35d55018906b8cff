"""The options of the commands on stacks, and what a stage says: what of it reaches AWS, and what is refused before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from omegac.arguments.stacks import COMMANDS
from omegac.operations.stack import SERVICE_TAG
from omegac.template import Compilation
from tests.endpoint import ACCOUNT, REGION, Endpoint
from tests.operations.scene import SPEC, THERE, compiled, stand
from tests.operations.shell import omegac

OTHER_ACCOUNT = "222222222222"
ELSEWHERE = "eu-west-3"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/deployer"


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
