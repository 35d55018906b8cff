"""Which deployments publish a version of a function, which the alias `live` then has: against a local cloud.

It takes CloudFormation's part that matters here: it refuses a version of a function that has not changed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.operations.local import change_sets, client, deployed, edit, outputs, said
from tests.operations.shell import Done, omegac

TELLING = "import os\n\ndef handler(event, context):\n    return os.environ.get('WORD')\n"
SPEC = """\
omega: 1
service: shop
artifact: app
tags: {team: one}
parameters:
  Word: {default: one}
  Secret: {no_echo: true, default: hidden}
  Kept: {type: "AWS::SSM::Parameter::Value<String>", default: /kept}
conditions:
  Large: !Equals [!Ref Word, large]
functions:
  hello: {runtime: python3.13, handler: hello.handler, environment: {WORD: %s}}
resources:
  Queue: {Type: AWS::SQS::Queue, UpdateReplacePolicy: Retain, Properties: {QueueName: first}}
outputs:
  Said: {Value: !Sub "${Word} ${Queue.Arn}"}
"""


@pytest.fixture
def shop(shop: Path) -> Path:
    """A service whose function tells one variable."""
    (shop / "app" / "hello.py").write_text(TELLING, "utf-8")
    client("ssm").put_parameter(Name="/kept", Value="kept", Type="String")
    return shop


def write(shop: Path, word: str) -> None:
    """Has the variable have a value."""
    (shop / "omega.yaml").write_text(SPEC % word, "utf-8")


def answer(done: Done) -> Any:
    """What the alias says that a deployment has in its outputs."""
    return said(outputs(done)["HelloFunctionArn"])


def described(done: Done) -> str:
    """The description of what the alias leads to."""
    found = client("lambda").get_function_configuration(FunctionName=outputs(done)["HelloFunctionArn"])
    return str(found["Description"])


def revision(planned: Done) -> str:
    """The one that a change set gives the function."""
    name = planned.records[-1]["change_set"]
    told = client("cloudformation").describe_change_set(StackName="x", ChangeSetName=name)["Parameters"]
    return str({each["ParameterKey"]: each["ParameterValue"] for each in told}["HelloFunctionRevision"])


def published(done: Done) -> bool:
    """Whether a deployment publishes a version; that it does not is said of no such one."""
    changes = [change for planned in done.of_type("planned") for change in planned["changes"]["resources"]]
    found = {each["action"] for each in changes if each["logical_id"].startswith("HelloFunctionVersion")}
    comes = bool(found - {"change", "remove"})
    assert not (comes and "no version of it is published" in done.out)
    return comes


def test_a_parameters_value_reaches_the_alias(shop: Path) -> None:
    """Another value of a parameter alone publishes a version, each time; the same value none."""
    write(shop, "!Ref Word")
    assert answer(deployed(shop)) == "one"
    for value in ("two", "three"):
        again = deployed(shop, "--param", f"Word={value}")
        assert (answer(again), published(again)) == (value, True)
        same = deployed(shop)
        assert (same.records[-1]["outcome"], answer(same)) == ("unchanged", value)
    assert not change_sets()


def test_a_difference_tells_of_the_version(shop: Path) -> None:
    """What a deployment would publish, `diff` shows, and a plan that is kept has."""
    write(shop, "!Ref Word")
    deployed(shop)
    shown = omegac(shop, "diff", "--stack", "x", "--param", "Word=two", "--format", "json")
    assert published(shown)
    planned = omegac(shop, "deploy", "--stack", "x", "--param", "Word=two", "--plan", "--format", "json")
    assert published(planned)
    assert change_sets() == [planned.records[-1]["change_set"]]
    assert answer(deployed(shop, "--change-set", planned.records[-1]["change_set"])) == "two"


def test_what_is_not_told_reaches_the_alias_too(shop: Path) -> None:
    """So does a secret, which nobody is told, and what stands in the Parameter Store by now."""
    write(shop, '!Sub "${Secret} ${Kept}"')
    assert answer(deployed(shop)) == "hidden kept"
    assert answer(deployed(shop, "--param", "Secret=deep")) == "deep kept"
    assert deployed(shop, "--param", "Secret=deep").records[-1]["outcome"] == "unchanged"
    client("ssm").put_parameter(Name="/kept", Value="moved", Type="String", Overwrite=True)
    assert answer(deployed(shop)) == "deep moved"


def test_a_condition_that_turns_reaches_the_alias(shop: Path) -> None:
    """A value publishes a version where a condition turns with it, and none where none does."""
    write(shop, "!If [Large, much, little]")
    assert answer(deployed(shop)) == "little"
    same = deployed(shop, "--param", "Word=two")
    assert (answer(same), published(same)) == ("little", False)
    assert answer(deployed(shop, "--param", "Word=large")) == "much"


def test_a_resource_that_is_replaced_reaches_the_alias(shop: Path) -> None:
    """The name of what was made anew is another, though the function is written as before."""
    write(shop, "!GetAtt Queue.QueueName")
    assert answer(deployed(shop)) == "first"
    edit(shop / "omega.yaml", "QueueName: first", "QueueName: second")
    assert answer(deployed(shop)) == "second"
    edit(shop / "omega.yaml", "QueueName: second", "QueueName: second, VisibilityTimeout: 60")
    done = deployed(shop)
    assert (answer(done), done.actions["Queue"], published(done)) == ("second", "change", False)


@pytest.mark.parametrize("edited", [("team: one", "team: two"), ("Ref Word}", "Ref Word}, reserved_concurrency: 1")])
def test_what_no_version_has_publishes_none(shop: Path, edited: tuple[str, str]) -> None:
    """Tags and concurrency are of the function alone."""
    write(shop, "!Ref Word")
    # The local cloud does not know of a log group's tags that they change in place.
    edit(shop / "omega.yaml", "hello: {", "hello: {properties: {LoggingConfig: null}, ")
    deployed(shop)
    edit(shop / "omega.yaml", *edited)
    done = deployed(shop, "--accept-loss", "HelloFunctionLogGroup")
    assert (done.actions["HelloFunction"], published(done)) == ("change", False)


def test_the_same_in_other_words_is_not_refused(shop: Path) -> None:
    """A function that comes out the same has another digest, and so another description: a version of it is due."""
    write(shop, "!Ref Word")
    deployed(shop)
    write(shop, '!Sub "${Word}"')
    done = deployed(shop)
    assert (answer(done), published(done)) == ("one", True)


def test_a_description_of_ones_own_stays(shop: Path) -> None:
    """It stands before the digest, and hides no revision."""
    write(shop, "!Ref Word")
    edit(shop / "omega.yaml", "hello: {", "hello: {description: Greets, ")
    deployed(shop)
    done = deployed(shop, "--param", "Word=two")
    assert answer(done) == "two"
    assert described(done).startswith("Greets (digest ")


def test_a_value_of_the_version_alone_publishes_one(shop: Path) -> None:
    """The function has another revision then: of one that does not change, Lambda publishes none."""
    write(shop, "!Ref Word")
    ours = 'overrides: {HelloFunctionVersion: {Properties: {Description: !Sub "of ${Secret}"}}}'
    edit(shop / "omega.yaml", "resources:", f"{ours}\nresources:")
    deployed(shop)
    done = deployed(shop, "--param", "Secret=two")
    assert (answer(done), published(done)) == ("one", True)
    assert described(done).startswith("of two (digest ")
    assert answer(deployed(shop, "--param", "Word=three")) == "three"


def test_what_stays_as_it_was_is_not_given(shop: Path) -> None:
    """A file of parameters for AWS's own tools has all of them; to keep the revision there decides nothing."""
    write(shop, "!Ref Word")
    deployed(shop)
    (shop / "params.json").write_text(
        '[{"ParameterKey": "HelloFunctionRevision", "UsePreviousValue": true},'
        ' {"ParameterKey": "Word", "ParameterValue": "two"}]',
        "utf-8",
    )
    assert answer(deployed(shop, "--params-file", "params.json")) == "two"


def test_what_the_command_line_says_goes_first(shop: Path) -> None:
    """What a file of parameters leaves as it is, the command line may give."""
    write(shop, "!Ref Word")
    deployed(shop, "--param", "HelloFunctionRevision=7")
    kept = ", ".join(
        f'{{"ParameterKey": "{name}", "UsePreviousValue": true}}'
        for name in ("HelloFunctionRevision", "ArtifactBucket")
    )
    (shop / "params.json").write_text(f"[{kept}]", "utf-8")
    given = ("--param", "HelloFunctionRevision=7", "--param", "Word=two", "--params-file", "params.json")
    done = deployed(shop, *given)
    assert (answer(done), published(done)) == ("one", False)


def test_a_version_in_vain_is_said_before(shop: Path) -> None:
    """Where the revision is given, and a value of the version alone is another, the plan says that Lambda refuses."""
    write(shop, "!Ref Word")
    ours = 'overrides: {HelloFunctionVersion: {Properties: {Description: !Sub "of ${Secret}"}}}'
    edit(shop / "omega.yaml", "resources:", f"{ours}\nresources:")
    deployed(shop, "--param", "HelloFunctionRevision=7")
    given = ("--param", "HelloFunctionRevision=7", "--param", "Secret=two")
    shown = omegac(shop, "diff", "--stack", "x", *given)
    assert "a version of HelloFunction comes alone, and Lambda publishes no other version" in shown.out
    failed = omegac(shop, "deploy", "--stack", "x", "--yes", *given)
    assert (failed.code, "give the function another revision" in failed.err) == (4, True), failed.err


def test_no_revision_comes_twice(shop: Path) -> None:
    """What an update that was undone has left published, if it has, is not in the way of the next."""
    write(shop, "!Ref Word")
    deployed(shop)
    plan = ("deploy", "--stack", "x", "--param", "Word=two", "--plan", "--format", "json")
    assert int(revision(omegac(shop, *plan))) < int(revision(omegac(shop, *plan)))


def test_a_version_that_follows_another_is_published(shop: Path) -> None:
    """A function that has the number of another's version has a version with each of those."""
    write(shop, "!Ref Word")
    of_hello = "{WORD: !GetAtt HelloFunctionVersion.Version}"
    last = f"last: {{runtime: python3.13, handler: hello.handler, environment: {of_hello}}}"
    edit(shop / "omega.yaml", "resources:", f"  {last}\nresources:")
    assert said(outputs(deployed(shop))["LastFunctionArn"]) == "1"
    done = deployed(shop, "--param", "Word=two")
    assert (answer(done), said(outputs(done)["LastFunctionArn"])) == ("two", "2")
    edit(shop / "omega.yaml", "hello: {", "hello: {description: Says a word, ")
    assert said(outputs(deployed(shop))["LastFunctionArn"]) == "3"


def test_a_failure_does_not_count(shop: Path) -> None:
    """After a deployment that failed, the same one again publishes a version."""
    write(shop, "!Ref Word")
    deployed(shop)
    sound = (shop / "omega.yaml").read_text("utf-8")
    taken = "  Taken: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: v, Name: /kept}}\noutputs:"
    edit(shop / "omega.yaml", "outputs:", taken)
    failed = omegac(shop, "deploy", "--stack", "x", "--yes", "--param", "Word=two")
    assert failed.code == 4, failed.err
    (shop / "omega.yaml").write_text(sound, "utf-8")
    assert answer(deployed(shop, "--param", "Word=two")) == "two"


def test_what_is_said_of_the_revision_stays(shop: Path) -> None:
    """Who gives the revision decides; that the alias stays behind is said."""
    write(shop, "!Ref Word")
    deployed(shop, "--param", "HelloFunctionRevision=7")
    done = deployed(shop, "--param", "Word=two", "--param", "HelloFunctionRevision=7")
    assert (answer(done), published(done)) == ("one", False)
    assert "the alias live stays at what it was" in done.out
    assert answer(deployed(shop, "--param", "HelloFunctionRevision=8")) == "two"
