import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omegac.cloudformation.references import Reference, Template, Unresolved, references, renamed, unresolved

TEMPLATE: Template = {
    "Parameters": {"KeyName": {"Type": "String"}, "Subnets": {"Type": "List<AWS::EC2::Subnet::Id>"}},
    "Mappings": {"Sizes": {"small": {"cpu": "256", "memory": "512"}, "large": {"cpu": "1024"}}},
    "Conditions": {"HasKey": {"Fn::Not": [{"Fn::Equals": [{"Ref": "KeyName"}, ""]}]}},
    "Resources": {
        "Queue": {"Type": "AWS::SQS::Queue"},
        "Database": {"Type": "AWS::RDS::DBInstance"},
        "Nested": {"Type": "AWS::CloudFormation::Stack"},
        "Own": {"Type": "Custom::Own"},
    },
}


def outputs(*values: Any, **sections: Any) -> Template:
    """The template above with an output for each value."""
    return {**TEMPLATE, "Outputs": {f"Out{index}": {"Value": value} for index, value in enumerate(values)}, **sections}


def found(template: Template) -> list[tuple[str, str, str | None]]:
    return [(each.kind, each.name, each.attribute) for each in references(template)]


def problems(template: Template) -> list[tuple[str, str]]:
    return [(each.reference.name, each.message) for each in unresolved(template)]


def only_problem(template: Template) -> Unresolved:
    (problem,) = unresolved(template)
    return problem


def test_places_of_names() -> None:
    """Each reference has the route to its string, and the column where the string holds more than the name."""
    template = {
        "Resources": {
            "A": {
                "Type": "AWS::SQS::Queue",
                "Condition": "C",
                "DependsOn": ["B", "D"],
                "Properties": {
                    "P": {"Ref": "B"},
                    "Q": [{"Fn::GetAtt": ["B", "Arn"]}, {"Fn::GetAtt": "B.Arn"}],
                    "R": {"Fn::Sub": "x${B}${B.Arn}"},
                    "S": {"Fn::Sub": ["${V} ${W}", {"V": {"Fn::FindInMap": ["M", "a", "b"]}}]},
                    "T": {"Fn::If": ["C", "a", {"Ref": "B"}]},
                },
            },
        },
    }
    resource = ("Resources", "A")
    properties = (*resource, "Properties")

    assert list(references(template)) == [
        Reference((*resource, "Condition"), "condition", "C"),
        Reference((*resource, "DependsOn", 0), "depends", "B"),
        Reference((*resource, "DependsOn", 1), "depends", "D"),
        Reference((*properties, "P", "Ref"), "ref", "B"),
        Reference((*properties, "Q", 0, "Fn::GetAtt", 0), "attribute", "B", "Arn"),
        Reference((*properties, "Q", 1, "Fn::GetAtt"), "attribute", "B", "Arn", 0),
        Reference((*properties, "R", "Fn::Sub"), "ref", "B", None, 3),
        Reference((*properties, "R", "Fn::Sub"), "attribute", "B", "Arn", 7),
        Reference((*properties, "S", "Fn::Sub", 0), "ref", "W", None, 7),
        Reference((*properties, "S", "Fn::Sub", 1, "V", "Fn::FindInMap", 0), "mapping", "M"),
        Reference((*properties, "T", "Fn::If", 0), "condition", "C"),
        Reference((*properties, "T", "Fn::If", 2, "Ref"), "ref", "B"),
    ]


def test_sections_that_name_conditions() -> None:
    """Conditions name each other, rules and outputs name them too, and DependsOn may be one string."""
    template = {
        "Conditions": {
            "A": {"Fn::And": [{"Condition": "B"}, {"Fn::Not": [{"Condition": "C"}]}]},
            "D": {"Condition": "E"},
        },
        "Rules": {"R": {"RuleCondition": {"Condition": "F"}}},
        "Resources": {"Q": {"Type": "AWS::SQS::Queue", "DependsOn": "P"}},
        "Outputs": {"O": {"Condition": "G", "Value": "x"}},
    }

    assert found(template) == [
        ("condition", "B", None),
        ("condition", "C", None),
        ("condition", "E", None),
        ("condition", "F", None),
        ("depends", "P", None),
        ("condition", "G", None),
    ]


@pytest.mark.parametrize(
    "value",
    [
        "${KeyName}",
        {"Fn::Base64": "echo ${KeyName}"},
        {"Ref": "KeyName", "Beside": "x"},
        {"Ref": {"Some": "thing"}},
        {"Fn::Sub": "${!KeyName}"},
        {"Fn::Sub": ["${Bound}", {"Bound": "x"}]},
        {"Statement": [{"Effect": "Allow", "Condition": {"StringEquals": {"aws:SourceAccount": "1"}}}]},
        {"Condition": "KeyName"},
        {"DependsOn": "KeyName"},
        {"Fn::GetAtt": "KeyName"},
        {"Fn::FindInMap": []},
    ],
)
def test_what_is_no_reference(value: Any) -> None:
    """Literal text, keys of that name beside others, and what belongs to policies or properties refer to nothing."""
    assert found({"Resources": {"A": {"Properties": {"P": value}}}}) == []


def test_metadata() -> None:
    """CloudFormation resolves the metadata of a resource, not that of the template."""
    ref = {"a": {"Ref": "B"}}

    assert found({"Metadata": ref, "Resources": {"A": {"Metadata": ref}}}) == [("ref", "B", None)]


def test_literal_sections() -> None:
    """Parameters and maps are literal."""
    assert found({"Parameters": {"A": {"Default": {"Ref": "B"}}}, "Mappings": {"M": {"a": {"b": {"Ref": "B"}}}}}) == []


def test_entries_named_like_intrinsics() -> None:
    """A resource, output or condition may be called Ref or Condition."""
    template = {
        "Resources": {"Ref": {"Type": "AWS::SQS::Queue"}},
        "Outputs": {"Condition": {"Value": {"Ref": "Ref"}}},
        "Conditions": {"Condition": {"Fn::Equals": ["a", "b"]}},
    }

    assert found(template) == [("ref", "Ref", None)]
    assert problems(template) == []


def test_loops() -> None:
    """What a loop repeats is read as its section is, loops within loops too."""
    entry = {"Type": "AWS::SQS::Queue", "DependsOn": "A", "Condition": "C"}
    inner = {"Fn::ForEach::Inner": ["J", {"Ref": "List"}, {"Q${I}${J}": entry}]}
    template = {"Resources": {"Fn::ForEach::Outer": ["I", ["a", "b"], inner]}}

    assert found(template) == [("ref", "List", None), ("condition", "C", None), ("depends", "A", None)]


def test_depth() -> None:
    """No nesting is too deep for any of the walks."""
    value: Any = {"Ref": "Queue"}
    for _ in range(50_000):
        value = [value]
    template = outputs(value, {"Ref": "Nobody"})

    assert found(template)[-2:] == [("ref", "Queue", None), ("ref", "Nobody", None)]
    assert [name for name, _ in problems(template)] == ["Nobody"]
    assert found(renamed(template, {"Queue": "Line"}))[-2:] == [("ref", "Line", None), ("ref", "Nobody", None)]


@pytest.mark.parametrize(
    "value",
    [
        {"Ref": "KeyName"},
        {"Ref": "Queue"},
        {"Ref": "AWS::NoValue"},
        {"Fn::Sub": "${AWS::StackName}-${KeyName}-${Queue.Arn}"},
        {"Fn::GetAtt": ["Database", "Endpoint.Address"]},
        {"Fn::GetAtt": "Database.Endpoint.Address"},
        {"Fn::GetAtt": ["Nested", "Outputs.Anything"]},
        {"Fn::GetAtt": ["Own", "Anything"]},
        {"Fn::GetAtt": ["Queue", {"Ref": "KeyName"}]},
        {"Fn::FindInMap": ["Sizes", "small", "memory"]},
        {"Fn::FindInMap": ["Sizes", {"Ref": "KeyName"}, "memory"]},
        {"Fn::FindInMap": ["Sizes", "small", {"Ref": "KeyName"}]},
        {"Fn::FindInMap": ["Sizes", "huge", "memory", {"DefaultValue": "1"}]},
        {"Fn::FindInMap": [{"Ref": "KeyName"}, "huge", "memory"]},
        {"Fn::If": ["HasKey", {"Ref": "KeyName"}, {"Ref": "AWS::NoValue"}]},
    ],
)
def test_what_resolves(value: Any) -> None:
    """Names that the template has, or that only a deployment knows, pass."""
    assert problems(outputs(value)) == []


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"Ref": "KeyNmae"}, 'there is no parameter or resource "KeyNmae"'),
        ({"Ref": "AWS::Account"}, 'there is no parameter or resource "AWS::Account"'),
        (
            {"Fn::Sub": "${HOME}"},
            'there is no parameter or resource "HOME"; to keep ${HOME} as text, write ${!HOME}',
        ),
        (
            {"Fn::Sub": ["${item.name}", {}]},
            'there is no resource "item"; to keep ${item.name} as text, write ${!item.name}',
        ),
        ({"Fn::GetAtt": ["Queeu", "Arn"]}, 'there is no resource "Queeu"'),
        ({"Fn::GetAtt": "Queeu.Arn"}, 'there is no resource "Queeu"'),
        (
            {"Fn::GetAtt": ["Database", "Endpoint.Adress"]},
            'Database (AWS::RDS::DBInstance) has no attribute "Endpoint.Adress"',
        ),
        ({"Fn::Sub": "${Queue.Name}"}, 'Queue (AWS::SQS::Queue) has no attribute "Name"'),
        ({"Fn::GetAtt": ["KeyName", "Arn"]}, "KeyName is a parameter and has no attributes"),
        ({"Fn::Sub": "${AWS::Region.Name}"}, "AWS::Region is a parameter and has no attributes"),
        ({"Fn::FindInMap": ["Size", "small", "cpu"]}, 'there is no map "Size"'),
        ({"Fn::FindInMap": ["Sizes", "smal", "cpu"]}, 'the map Sizes has no key "smal"'),
        ({"Fn::FindInMap": ["Sizes", "large", "memory"]}, '"large" in the map Sizes has no key "memory"'),
        ({"Fn::If": ["HasKeys", "a", "b"]}, 'there is no condition "HasKeys"'),
    ],
)
def test_what_does_not_resolve(value: Any, message: str) -> None:
    """A name that stands for nothing is found, with the reason."""
    assert only_problem(outputs(value)).message == message


@pytest.mark.parametrize(
    ("value", "known"),
    [
        (
            {"Ref": "Queu"},
            {"AWS::Region", "AWS::NoValue", "Database", "KeyName", "Nested", "Own", "Queue", "Subnets"},
        ),
        ({"Fn::GetAtt": ["Queu", "Arn"]}, {"Database", "Nested", "Own", "Queue"}),
        ({"Fn::GetAtt": ["Queue", "Arm"]}, {"Arn", "QueueName", "QueueUrl"}),
        ({"Fn::FindInMap": ["Size", "small", "cpu"]}, {"Sizes"}),
        ({"Fn::FindInMap": ["Sizes", "smal", "cpu"]}, {"small", "large"}),
        ({"Fn::FindInMap": ["Sizes", "small", "cpus"]}, {"cpu", "memory"}),
        ({"Fn::If": ["HasKeys", "a", "b"]}, {"HasKey"}),
    ],
)
def test_known_names(value: Any, known: set[str]) -> None:
    """With a name that stands for nothing come those that could have been meant, sorted."""
    problem = only_problem(outputs(value))

    assert known <= set(problem.known)
    assert list(problem.known) == sorted(problem.known)


def test_places_of_lost_keys() -> None:
    """A key that a map does not have is shown at the key, not at the map's name."""
    place = ("Outputs", "Out0", "Value", "Fn::FindInMap")

    assert only_problem(outputs({"Fn::FindInMap": ["Sizes", "x", "cpu"]})).reference.route == (*place, 1)
    assert only_problem(outputs({"Fn::FindInMap": ["Sizes", "small", "x"]})).reference.route == (*place, 2)


def test_conditions_know_parameters_alone() -> None:
    """Conditions and rules are decided before there are resources."""
    template = outputs(
        Conditions={
            "A": {"Fn::Equals": [{"Ref": "KeyName"}, {"Ref": "AWS::Region"}]},
            "B": {"Fn::Equals": [{"Ref": "Queue"}, {"Fn::GetAtt": ["Queue", "Arn"]}]},
            "C": {"Fn::Equals": [{"Ref": "Nobody"}, {"Fn::Sub": "${KeyName.Arn}"}]},
        },
        Rules={"R": {"Assertions": [{"Assert": {"Fn::Equals": [{"Ref": "Own"}, ""]}}]}},
    )

    early = "is a resource: conditions and rules can refer to parameters alone"
    assert problems(template) == [
        ("Queue", f"Queue {early}"),
        ("Queue", f"Queue {early}"),
        ("Nobody", 'there is no parameter or resource "Nobody"'),
        ("KeyName", "KeyName is a parameter and has no attributes"),
        ("Own", f"Own {early}"),
    ]


def test_rule_functions_pass() -> None:
    """The functions that rules alone have name nothing that is looked up, but what stands in them is."""
    assertion = {
        "Fn::And": [
            {"Fn::Contains": [["a", "b"], {"Ref": "KeyName"}]},
            {"Fn::EachMemberIn": [{"Fn::ValueOfAll": ["AWS::EC2::Subnet::Id", "VpcId"]}, {"Fn::RefAll": "String"}]},
            {"Fn::EachMemberEquals": [{"Ref": "Nobody"}, {"Fn::ValueOf": ["KeyName", "Tags.Name"]}]},
        ]
    }

    assert [name for name, _ in problems(outputs(Rules={"R": {"Assertions": [{"Assert": assertion}]}}))] == ["Nobody"]


def test_dependencies_are_on_resources() -> None:
    """DependsOn takes resources, so that a parameter's name is refused."""
    resources = {"A": {"Type": "AWS::SQS::Queue", "DependsOn": ["B", "KeyName"]}, "B": {"Type": "AWS::SQS::Queue"}}

    assert problems({**TEMPLATE, "Resources": resources}) == [("KeyName", 'there is no resource "KeyName"')]


@pytest.mark.parametrize(
    "sections",
    [
        {"Transform": "AWS::Serverless-2016-10-31"},
        {"Transform": ["AWS::LanguageExtensions", "Mine"]},
        {"Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://bucket/key"}}},
        {"Mappings": {"Fn::Transform": {"Name": "AWS::Include"}}},
        {"Resources": {"Fn::ForEach::Each": ["I", ["a"], {"Q${I}": {"Type": "AWS::SQS::Queue"}}]}},
    ],
)
def test_unfinished_templates(sections: dict[str, Any]) -> None:
    """Where a macro or a loop writes parts of the template, any name may appear yet."""
    assert problems(outputs({"Ref": "Nobody"}, {"Fn::GetAtt": ["Nobody", "Arn"]}, **sections)) == []


@pytest.mark.parametrize("transform", ["AWS::LanguageExtensions", ["AWS::LanguageExtensions"], []])
def test_language_extensions_write_nothing(transform: Any) -> None:
    """The transform that only adds functions excuses no name; a name that it computes passes."""
    template = outputs({"Ref": "Nobody"}, {"Ref": {"Fn::Sub": "Any"}}, Transform=transform)

    assert [name for name, _ in problems(template)] == ["Nobody"]


def test_resources_of_modules() -> None:
    """A module's own resources can be named, by its logical id and theirs; other names cannot."""
    resources = {"Net": {"Type": "Acme::Net::Vpc::MODULE"}}
    values = [{"Ref": "NetVpc"}, {"Ref": "Net.Vpc"}, {"Fn::GetAtt": ["Net.Vpc", "Id"]}, {"Fn::GetAtt": "NetVpc.Id"}]

    assert problems(outputs(*values, Resources=resources)) == []
    assert [name for name, _ in problems(outputs({"Ref": "Nat"}, Resources=resources))] == ["Nat"]


def test_renaming() -> None:
    """Every form of reference to a logical id changes, and nothing else that has its name does."""
    template: Template = {
        "Conditions": {"Old": {"Fn::Equals": ["Old", "${Old}"]}},
        "Mappings": {"Old": {"Old": {"Old": "Old"}}},
        "Resources": {
            "Old": {"Type": "AWS::Lambda::Version", "Condition": "Old"},
            "A": {
                "Type": "AWS::SNS::Topic",
                "DependsOn": ["Older", "Old"],
                "Properties": {
                    "P": {"Fn::Sub": "Old ${Old}${ Old.Version }${Older}${!Old}${Old}."},
                    "Q": {"Fn::Sub": ["${Old}${x}", {"Old": "Old", "x": {"Ref": "Old"}}]},
                    "R": [{"Fn::GetAtt": ["Old", "Old"]}, {"Fn::GetAtt": "Old.Old"}, {"Ref": "Older"}],
                    "S": {"Fn::If": ["Old", {"Fn::FindInMap": ["Old", "Old", "Old"]}, "Old"]},
                },
            },
            "B": {"Type": "AWS::SNS::Topic", "DependsOn": "Old"},
        },
    }

    new = renamed(template, {"Old": "New1"})

    assert new["Resources"]["Old"] == template["Resources"]["Old"]
    assert new["Resources"]["B"]["DependsOn"] == "New1"
    assert new["Resources"]["A"] == {
        "Type": "AWS::SNS::Topic",
        "DependsOn": ["Older", "New1"],
        "Properties": {
            "P": {"Fn::Sub": "Old ${New1}${ New1.Version }${Older}${!Old}${New1}."},
            "Q": {"Fn::Sub": ["${Old}${x}", {"Old": "Old", "x": {"Ref": "New1"}}]},
            "R": [{"Fn::GetAtt": ["New1", "Old"]}, {"Fn::GetAtt": "New1.Old"}, {"Ref": "Older"}],
            "S": {"Fn::If": ["Old", {"Fn::FindInMap": ["Old", "Old", "Old"]}, "Old"]},
        },
    }


def test_renaming_shares_what_stays() -> None:
    """What has no reference is the same object in the copy, and the template itself does not change."""
    template = outputs({"Ref": "Queue"}, {"Ref": "KeyName"})

    new = renamed(template, {"Queue": "Line"})

    assert new["Resources"] is template["Resources"]
    assert new["Outputs"]["Out1"] is template["Outputs"]["Out1"]
    assert new["Outputs"]["Out0"]["Value"] == {"Ref": "Line"}
    assert template["Outputs"]["Out0"]["Value"] == {"Ref": "Queue"}
    assert renamed(template, {"Nobody": "Somebody"}) is template


def test_renaming_what_is_shared() -> None:
    """A value that stands in two places changes in both."""
    shared = [{"Ref": "Queue"}, {"Ref": "Queue"}]
    value = [shared, shared]

    new = renamed(outputs(value, value), {"Queue": "Line"})

    assert new["Outputs"]["Out0"] == new["Outputs"]["Out1"] == {"Value": [[{"Ref": "Line"}] * 2] * 2}
    assert shared == [{"Ref": "Queue"}, {"Ref": "Queue"}]


def test_linear_time() -> None:
    """Many references, in many values or in one text, take no longer than their number allows."""
    many = outputs(*([{"Ref": "Queue"}] * 10_000), {"Fn::Sub": "${Queue}" * 20_000}, [[{"Ref": "Queue"}]] * 10_000)
    started = time.perf_counter()

    assert problems(many) == []
    assert len(found(renamed(many, {"Queue": "Line"}))) == 40_001
    assert time.perf_counter() - started < 10


KEYS = st.sampled_from(
    [
        *("Resources", "Outputs", "Conditions", "Rules", "Mappings", "Parameters", "Transform", "Metadata", "Type"),
        *("Ref", "Condition", "DependsOn", "Fn::GetAtt", "Fn::Sub", "Fn::If", "Fn::FindInMap", "Fn::ForEach::X", "A"),
    ]
)
TEXTS = st.sampled_from(["A", "", "A.B", "${A}", "${A.Arn} ${B}", "AWS::SQS::Queue", "Acme::A::MODULE", "Arn"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(KEYS, inner, max_size=1)
        | st.dictionaries(KEYS, inner, max_size=4)
    ),
    max_leaves=40,
)


@given(st.dictionaries(KEYS, JSON, max_size=6))
def test_any_template_can_be_read(template: Template) -> None:
    """Whatever shape a template has, each reference stands where its route and column say, and can be renamed."""
    for reference in references(template):
        value: Any = template
        for step in reference.route:
            value = value[step]
        column = reference.column or 0
        assert value[column:].startswith(reference.name)
    for problem in unresolved(template):
        assert problem.message
        assert list(problem.known) == sorted(problem.known)

    before = [each._replace(column=None) for each in references(template)]
    after = [each._replace(column=None) for each in references(renamed(template, {"A": "Other"}))]
    to_resources = ("ref", "attribute", "depends")
    assert after == [
        each._replace(name="Other") if each.name == "A" and each.kind in to_resources else each for each in before
    ]
