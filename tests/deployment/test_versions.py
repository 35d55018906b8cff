"""The functions of which a change set publishes no version, though they may change."""

from __future__ import annotations

from typing import Any

import pytest

from omegac.cloudformation.versions import mark
from omegac.deployment.versions import Gap, gaps

FUNCTION, VERSION = "AWS::Lambda::Function", "AWS::Lambda::Version"
MARK = mark("0300d949a52e", "HelloRevision")
REVISED: dict[str, Any] = {"Type": VERSION, "Properties": {"FunctionName": {"Ref": "Hello"}, "Description": MARK}}
PLAIN: dict[str, Any] = {"Type": VERSION, "Properties": {"FunctionName": {"Fn::GetAtt": ["Hello", "Arn"]}}}
DUE, OWN, IN_VAIN = (Gap("Hello", "HelloRevision"),), (Gap("Hello"),), (Gap("Hello", "HelloRevision", is_in_vain=True),)


def template(**versions: dict[str, Any]) -> dict[str, Any]:
    """A function with versions."""
    return {
        "Parameters": {"HelloRevision": {"Type": "Number", "Default": 0}},
        "Resources": {"Hello": {"Type": FUNCTION, "Properties": {"Description": MARK}}, **versions},
    }


def change(name: str, kind: str, action: str = "Modify", replacement: str = "False", *details: Any) -> dict[str, Any]:
    """The change of a resource, as DescribeChangeSet has it."""
    told = {"Action": action, "LogicalResourceId": name, "ResourceType": kind, "Details": list(details)}
    return {"Type": "Resource", "ResourceChange": told | ({"Replacement": replacement} if action == "Modify" else {})}


def static(name: str, source: str = "ParameterReference") -> dict[str, Any]:
    """The detail of a property that CloudFormation is sure of."""
    return {"Evaluation": "Static", "ChangeSource": source, "Target": {"Attribute": "Properties", "Name": name}}


def revised() -> dict[str, Any]:
    """The detail of a description, for another revision."""
    return static("Description") | {"CausingEntity": "HelloRevision"}


def dynamic(cause: str, source: str = "ResourceAttribute") -> dict[str, Any]:
    """The detail of a property that depends on what becomes of another resource."""
    target = {"Attribute": "Properties", "Name": "Environment", "RequiresRecreation": "Never"}
    return {"Evaluation": "Dynamic", "ChangeSource": source, "CausingEntity": cause, "Target": target}


def found(planned: dict[str, Any], *changes: dict[str, Any]) -> tuple[Gap, ...]:
    """The gaps of a change set that is described on two pages."""
    return gaps([{"Changes": list(changes[:1])}, {"Changes": list(changes[1:])}], planned)


@pytest.mark.parametrize(
    ("name", "source", "expected"),
    [
        ("Environment", "ParameterReference", DUE),
        ("Environment", "DirectModification", DUE),
        ("Environment", "NoModification", ()),
        ("Code", "ParameterReference", DUE),
        ("Tags", "DirectModification", ()),
        ("ReservedConcurrentExecutions", "ParameterReference", ()),
    ],
)
def test_a_property_that_changes(name: str, source: str, expected: tuple[Gap, ...]) -> None:
    """A version is due for what versions have of their function."""
    changed = change("Hello", FUNCTION, "Modify", "False", static(name, source))
    assert found(template(HelloVersion=REVISED), changed) == expected


@pytest.mark.parametrize(
    ("cause", "kind", "replacement", "due"),
    [
        ("Role.Arn", "AWS::IAM::Role", "False", False),
        ("Role.Arn", "AWS::IAM::Role", "Conditional", True),
        ("Role.Arn", "AWS::IAM::Role", "True", True),
        ("Queue", "AWS::SQS::Queue", "False", False),
        ("Queue", "AWS::SQS::Queue", "True", True),
        ("Job", "AWS::Batch::JobDefinition", "False", True),
        ("Job.JobDefinitionArn", "AWS::Batch::JobDefinition", "False", True),
        ("Queue.QueueUrl", "AWS::SQS::Queue", "False", False),
        ("Group.GroupId", "AWS::EC2::SecurityGroup", "False", False),
        ("Launch.LatestVersionNumber", "AWS::EC2::LaunchTemplate", "False", True),
        ("Table.Arn", "AWS::DynamoDB::Table", "False", False),
        ("Table.StreamArn", "AWS::DynamoDB::Table", "False", True),
        ("Database.MasterUserSecret.SecretArn", "AWS::RDS::DBInstance", "False", True),
        ("Kept.Value", "AWS::SSM::Parameter", "False", True),
        ("Nested.Outputs.QueueArn", "AWS::CloudFormation::Stack", "False", True),
        ("Own.Arn", "Custom::Thing", "False", True),
        ("Own", "AWS::CloudFormation::CustomResource", "False", True),
    ],
)
def test_a_resource_that_changes(cause: str, kind: str, replacement: str, due: bool) -> None:  # noqa: FBT001 (a case)
    """A version is due where what the function has of it may be another, and not for each change of its role."""
    changed = change("Hello", FUNCTION, "Modify", "False", dynamic(cause))
    of_cause = change(cause.split(".", maxsplit=1)[0], kind, "Modify", replacement)
    assert found(template(HelloVersion=REVISED), changed, of_cause) == (DUE if due else ())


@pytest.mark.parametrize("action", ["Add", "Remove", "Import", "Dynamic"])
def test_a_resource_that_comes_or_goes(action: str) -> None:
    """A version is due where a resource comes to be, or is no longer, that the function may refer to."""
    changed = change("Hello", FUNCTION, "Modify", "False", dynamic("Queue.Arn"))
    assert found(template(HelloVersion=REVISED), changed, change("Queue", "AWS::SQS::Queue", action)) == DUE


def test_a_parameter_that_is_looked_up() -> None:
    """A version is due where only the deployment tells what a parameter is."""
    changed = change("Hello", FUNCTION, "Modify", "False", dynamic("Kept", "ParameterReference"))
    assert found(template(HelloVersion=REVISED), changed) == DUE


@pytest.mark.parametrize("property_", ["ImageRecipeArn", "Name", "MasterPasswordSecretArn", "StateMachineRevisionId"])
def test_an_identity_of_something_else(property_: str) -> None:
    """What may be exchanged without the resource being made anew does not tell which resource it is."""
    changed = change("Hello", FUNCTION, "Modify", "False", dynamic(f"Thing.{property_}"))
    of_cause = change("Thing", "AWS::Route53Resolver::ResolverRule", "Modify", "False")
    assert found(template(HelloVersion=REVISED), changed, of_cause) == DUE


def test_a_nested_stack_in_which_nothing_changes() -> None:
    """CloudFormation lists it all the same; nothing of it is another then."""
    changed = change("Hello", FUNCTION, "Modify", "False", dynamic("Nested.Outputs.QueueArn"))
    pages = [{"Changes": [changed, change("Nested", "AWS::CloudFormation::Stack")]}]
    assert gaps(pages, template(HelloVersion=REVISED)) == DUE
    assert gaps(pages, template(HelloVersion=REVISED), {"Nested"}) == ()


ELSEWHERE: list[tuple[Any, dict[str, Any], tuple[Gap, ...]]] = [
    ("{{resolve:ssm:/a}}", {}, DUE),
    ("{{resolve:secretsmanager:a:SecretString}}", {}, DUE),
    ("{{resolve:ssm:/a:1}}", {}, ()),
    ({"Fn::Join": [":", ["{{resolve", "ssm", "/a}}"]]}, {}, DUE),
    ({"Fn::FindInMap": ["M", "a", "b"]}, {"Mappings": {"M": {"a": {"b": "{{resolve:ssm:/a}}"}}}}, DUE),
    ({"Ref": "P"}, {"Parameters": {"P": {"Type": "String", "Default": "{{resolve:ssm:/a}}"}}}, DUE),
    ("plain", {"Mappings": {"M": {"a": {"b": "{{resolve:ssm:/a}}"}}}}, ()),
]


@pytest.mark.parametrize(("value", "sections", "expected"), ELSEWHERE)
def test_a_value_that_is_kept_elsewhere(value: Any, sections: dict[str, Any], expected: tuple[Gap, ...]) -> None:
    """CloudFormation reads it anew with whatever change of the function, and with none of what it refers to alone."""
    planned = template(HelloVersion=REVISED) | sections
    planned["Resources"]["Hello"] = {
        "Type": FUNCTION,
        "Properties": {"Description": MARK, "Environment": {"Variables": {"A": value}}},
    }
    assert found(planned, change("Hello", FUNCTION, "Modify", "False", static("Tags"))) == expected
    referring = change("Hello", FUNCTION, "Modify", "False", dynamic("Role.Arn"))
    assert found(planned, referring, change("Role", "AWS::IAM::Role")) == ()
    assert found(planned) == ()


@pytest.mark.parametrize(
    ("of_version", "expected"),
    [
        (change("HelloVersion", VERSION, "Add"), ()),
        (change("HelloVersion", VERSION, "Modify", "True", revised()), ()),
        (change("HelloVersion", VERSION, "Modify", "Conditional", revised()), ()),
        (change("HelloVersion", VERSION, "Modify", "True", static("Description")), DUE),
        (change("HelloVersion", VERSION, "Modify", "Conditional", dynamic("Queue.Arn")), DUE),
        (change("HelloVersion", VERSION, "Modify", "False"), DUE),
        (change("HelloVersion", VERSION, "Remove"), DUE),
    ],
)
def test_a_version_that_is_published(of_version: dict[str, Any], expected: tuple[Gap, ...]) -> None:
    """One that is added comes with a function that has another digest, and any other has to have another revision."""
    changed = change("Hello", FUNCTION, "Modify", "False", static("Description"))
    assert found(template(HelloVersion=REVISED), changed, of_version) == expected


@pytest.mark.parametrize("replacement", ["True", "Conditional"])
def test_a_version_that_changes_alone(replacement: str) -> None:
    """Lambda publishes none of a function that has not changed: so it has to."""
    planned = template(HelloVersion=REVISED)
    of_version = change("HelloVersion", VERSION, "Modify", replacement, static("ProvisionedConcurrencyConfig"))
    assert found(planned, of_version) == IN_VAIN
    assert found(planned, change("Hello", FUNCTION, "Modify", "False", static("Tags")), of_version) == IN_VAIN
    assert found(planned, change("HelloVersion", VERSION, "Add")) == IN_VAIN


def test_a_version_that_refers_to_what_lasts() -> None:
    """That what it refers to changes in place is no reason, and none that a nested stack is listed that does not."""
    of_version = change("HelloVersion", VERSION, "Modify", "Conditional", dynamic("Queue.QueueName"))
    assert found(template(HelloVersion=REVISED), of_version, change("Queue", "AWS::SQS::Queue")) == ()
    of_version = change("HelloVersion", VERSION, "Modify", "Conditional", dynamic("Nested.Outputs.A"))
    pages = [{"Changes": [of_version, change("Nested", "AWS::CloudFormation::Stack")]}]
    assert gaps(pages, template(HelloVersion=REVISED)) == IN_VAIN
    assert gaps(pages, template(HelloVersion=REVISED), {"Nested"}) == ()


@pytest.mark.parametrize("action", ["Add", "Remove"])
def test_a_function_that_comes_or_goes(action: str) -> None:
    """Its version comes and goes with it."""
    both = (change("Hello", FUNCTION, action), change("HelloVersion", VERSION, action))
    assert found(template(HelloVersion=REVISED), *both) == ()


def test_a_function_that_is_made_anew() -> None:
    """So is its version, as the function's name is create-only for it; to have another revision does no harm then."""
    planned, changed = (
        template(HelloVersion=REVISED),
        change("Hello", FUNCTION, "Modify", "True", static("FunctionName")),
    )
    assert found(planned, changed, change("HelloVersion", VERSION, "Modify", "Conditional", dynamic("Hello"))) == DUE
    assert found(planned, changed, change("HelloVersion", VERSION, "Modify", "True", revised())) == ()


def test_a_version_of_ones_own() -> None:
    """It fills no gap of omegac's, to which the alias leads; where there is no other, it has no revision."""
    changed = change("Hello", FUNCTION, "Modify", "False", static("Environment"))
    assert found(template(Mine=PLAIN), changed) == OWN
    assert found(template(Mine=PLAIN), changed, change("Mine", VERSION, "Add")) == ()
    assert found(template(Mine=PLAIN, HelloVersion=REVISED), changed, change("Mine", VERSION, "Add")) == DUE
    assert found(template(), changed) == ()


@pytest.mark.parametrize(
    ("of_function", "of_version"),
    [("a worker", {"Fn::Sub": "of ${HelloRevision}"}), (None, MARK), (mark("0300d949a52e", "Other"), MARK)],
)
def test_a_parameter_of_ones_own_is_no_revision(of_function: Any, of_version: Any) -> None:
    """What is called like one, but is not in both descriptions as omegac has it, is for others to give."""
    planned = template(HelloVersion={"Type": VERSION, "Properties": PLAIN["Properties"] | {"Description": of_version}})
    planned["Resources"]["Hello"]["Properties"] = {"Description": of_function}
    assert found(planned, change("Hello", FUNCTION, "Modify", "False", static("Environment"))) == OWN


def test_a_version_that_only_names_a_function() -> None:
    """A version is of the function that its FunctionName names, whatever else does."""
    other = {"FunctionName": {"Ref": "Other"}, "Description": {"Fn::Sub": "Calls ${Hello} ${HelloRevision}"}}
    changed = change("Hello", FUNCTION, "Modify", "False", static("Environment"))
    planned = template(HelloVersion=REVISED, OtherVersion={"Type": VERSION, "Properties": other})
    assert found(planned, changed, change("OtherVersion", VERSION, "Add")) == DUE


def test_what_is_said_of_a_gap() -> None:
    """The alias is that of omegac's own versions."""
    left = "Hello may change, and no version of it is published: "
    assert DUE[0].remark == (
        f"{left}the alias live stays at what it was; --param HelloRevision=… with another number publishes one"
    )
    assert OWN[0].remark == f"{left}what calls one has it as it was"
    assert IN_VAIN[0].remark == (
        "a version of Hello comes alone, and Lambda publishes no other version of what has not changed: "
        "--param HelloRevision=… with another number changes both"
    )
