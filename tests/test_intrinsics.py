import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omegac.cloudformation.intrinsics import (
    INTRINSICS,
    JOINABLE,
    LOOP,
    MAX_DEPTH,
    PSEUDO_PARAMETERS,
    argument_fault,
    is_condition,
    is_intrinsic,
    named,
    of_tag,
    result,
    sub_names,
)

REF = {"Ref": "Name"}
CIDR = {"Fn::Cidr": ["10.0.0.0/16", 2]}
NO_VALUE = {"Ref": "AWS::NoValue"}


@pytest.mark.parametrize("value", [REF, {"Fn::Sub": "x"}, {"Fn::Unheard": 1}, {"Fn::ForEach::Each": []}, {"Ref": 5}])
def test_intrinsics(value: object) -> None:
    """A mapping of one key is an intrinsic if the key is Ref or begins with Fn::, known or not."""
    assert is_intrinsic(value)


@pytest.mark.parametrize(
    "value",
    [None, "Ref", ["Ref"], {}, {"Refresh": 1}, {"Ref": "a", "Also": "b"}, {"Condition": "IsProd"}, {"fn::Sub": "x"}],
)
def test_other_values(value: object) -> None:
    """Any other value is none, a condition's name and a mapping of more keys among them."""
    assert not is_intrinsic(value)


def test_conditions() -> None:
    """A condition is named by the one key Condition; a policy's mapping of that name is not meant."""
    assert is_condition({"Condition": "IsProd"})
    assert not is_condition({"Condition": {"StringEquals": {}}})
    assert not is_condition({"Condition": "IsProd", "Type": "AWS::SQS::Queue"})
    assert not is_condition("IsProd")


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("!Ref", "Ref"),
        ("!Condition", "Condition"),
        ("!GetAtt", "Fn::GetAtt"),
        ("!GetAZs", "Fn::GetAZs"),
        ("!GetStackOutput", "Fn::GetStackOutput"),
        ("!Equals", "Fn::Equals"),
    ],
)
def test_tags(tag: str, name: str) -> None:
    """A tag stands for the intrinsic of its name."""
    assert of_tag(tag) == name


@pytest.mark.parametrize("tag", ["!", "Ref", "!ref", "!Fn::Ref", "!Fn::Sub", "!ForEach", "!ForEach::", "!Foo", "!!str"])
def test_foreign_tags(tag: str) -> None:
    """Any other tag stands for none; a loop has no short form."""
    assert of_tag(tag) is None


def test_what_may_stand_in_a_join() -> None:
    """All functions that give text or a list may stand in a join, but those that need a transform."""
    assert set(INTRINSICS) > JOINABLE
    assert not JOINABLE & {"Fn::ToJsonString", "Fn::Length", "Fn::Transform", "Fn::Equals", LOOP}


LEGAL: list[tuple[str, Any]] = [
    ("Ref", "Name"),
    ("Condition", "IsProd"),
    ("Fn::And", [{"Condition": "A"}, {"Fn::Or": [{"Condition": "B"}, {"Fn::Not": [{"Condition": "C"}]}]}]),
    ("Fn::And", [{"Fn::Equals": [REF, ""]}] * 10),
    ("Fn::And", [{"Fn::Contains": [["a"], REF]}, {"Fn::EachMemberIn": [{"Fn::RefAll": "AWS::EC2::VPC::Id"}, ["a"]]}]),
    ("Fn::Equals", [{"Fn::ValueOf": ["Vpc", "Tags.Name"]}, True]),
    ("Fn::Not", [{"Fn::EachMemberEquals": [{"Fn::ValueOfAll": ["AWS::EC2::Subnet::Id", "VpcId"]}, REF]}]),
    ("Fn::Base64", "text"),
    ("Fn::Base64", {"Fn::Join": ["", ["a"]]}),
    ("Fn::Cidr", [{"Fn::GetAtt": ["Vpc", "CidrBlock"]}, 6]),
    ("Fn::Cidr", ["10.0.0.0/16", "6", REF]),
    ("Fn::FindInMap", ["Map", {"Ref": "AWS::Region"}, "Key"]),
    ("Fn::FindInMap", ["Map", {"Fn::FindInMap": ["Map", "a", "b"]}, "Key", {"DefaultValue": ["a", REF]}]),
    ("Fn::ForEach::Each", ["Name", ["a", "b"], {"Topic${Name}": {"Type": "AWS::SNS::Topic"}}]),
    ("Fn::ForEach::Each", ["Name", REF, {"Topic${Name}": {"Fn::ForEach::Inner": ["N", ["a"], {}], "Other": 1}}]),
    ("Fn::GetAtt", ["Database", "Endpoint.Address"]),
    ("Fn::GetAtt", ["Database", REF]),
    ("Fn::GetAtt", "Database.Endpoint.Address"),
    ("Fn::GetAZs", ""),
    ("Fn::GetAZs", {"Ref": "AWS::Region"}),
    ("Fn::GetStackOutput", {"StackName": "other", "OutputName": REF}),
    ("Fn::GetStackOutput", {"RoleArn": "arn", "Region": "eu-west-1", "StackName": "other", "OutputName": "Id"}),
    ("Fn::If", ["IsProd", {"a": [REF]}, NO_VALUE]),
    ("Fn::If", ["IsProd", {"Fn::Transform": {"Name": "AWS::Include"}, "beside": 1}, ""]),
    ("Fn::ImportValue", {"Fn::Sub": "${AWS::StackName}-id"}),
    ("Fn::Join", ["", []]),
    ("Fn::Join", [",", ["a", 1, 1.5, True, REF, {"Fn::Join": ["-", CIDR]}]]),
    ("Fn::Join", [",", {"Fn::GetAtt": ["Vpc", "CidrBlockAssociations"]}]),
    ("Fn::Join", [",", {"Fn::If": ["IsProd", ["a"], {"Ref": "Subnets"}]}]),
    ("Fn::Join", [",", [{"Fn::If": ["IsProd", "a", NO_VALUE]}]]),
    ("Fn::Length", ["a", "b"]),
    ("Fn::RefAll", "AWS::EC2::VPC::Id"),
    ("Fn::Select", [0, {"Fn::GetAZs": ""}]),
    ("Fn::Select", ["1", ["a", {"b": "c"}]]),
    ("Fn::Select", [{"Fn::If": ["IsProd", 0, 1]}, REF]),
    ("Fn::Split", [",", {"Fn::ImportValue": "ids"}]),
    ("Fn::Sub", ""),
    ("Fn::Sub", ["${a}", {"a": {"Fn::Select": [0, CIDR]}}]),
    ("Fn::ToJsonString", {"a": REF, "b": ["c", 1]}),
    ("Fn::Transform", {"Name": "AWS::Include", "Parameters": {"Location": REF}}),
]


@pytest.mark.parametrize(("name", "argument"), LEGAL)
def test_legal_arguments(name: str, argument: object) -> None:
    """What CloudFormation takes passes."""
    assert argument_fault(name, argument) is None


def test_every_intrinsic_has_a_legal_example() -> None:
    """No intrinsic is known whose argument nothing fits."""
    exercised = str(LEGAL)
    assert [name for name in INTRINSICS if f"'{name}" not in exercised] == []


@pytest.mark.parametrize(
    ("name", "argument", "route", "message"),
    [
        ("Fn::Jion", ["", []], (), "Fn::Jion is no intrinsic of CloudFormation"),
        ("Ref", "", (), 'the name of Ref must be text as it stands, not ""'),
        ("Ref", REF, (), "the name of Ref must be text as it stands, not Ref"),
        ("Ref", ["a"], (), "the name of Ref must be text as it stands, not a list"),
        ("Fn::And", [{"Condition": "A"}], (), "Fn::And takes a list of 2 to 10 conditions"),
        ("Fn::And", [{"Condition": "A"}] * 11, (), "Fn::And takes a list of 2 to 10 conditions"),
        ("Fn::Not", ["A"], (0,), 'a part of Fn::Not must be a condition, not "A"'),
        ("Fn::Not", [REF], (0,), "Ref gives no condition"),
        ("Fn::Not", [{"Fn::Equals": ["a"]}], (0, "Fn::Equals"), "Fn::Equals takes a list of two values"),
        ("Fn::Base64", ["a"], (), "the text of Fn::Base64 must be text or an intrinsic, not a list"),
        ("Fn::Base64", None, (), "the text of Fn::Base64 must be text or an intrinsic, not null"),
        ("Fn::Base64", {"Fn::Equals": ["a", "b"]}, (), "Fn::Equals gives a condition: its place is in Conditions"),
        ("Fn::Cidr", ["10.0.0.0/16"], (), None),
        (
            "Fn::Cidr",
            ["10.0.0.0/16", 300],
            (1,),
            "the count of Fn::Cidr must be a whole number from 1 to 256, or an intrinsic, not 300",
        ),
        ("Fn::Cidr", ["10.0.0.0/16", True], (1,), None),
        ("Fn::FindInMap", ["Map", "Key"], (), None),
        ("Fn::FindInMap", ["Map", "a", "b", "c"], (3,), None),
        (
            "Fn::FindInMap",
            ["Map", {"Fn::GetAtt": ["A", "B"]}, "b"],
            (1,),
            "a key of Fn::FindInMap may not be Fn::GetAtt",
        ),
        ("Fn::GetAtt", ["Database"], (), None),
        ("Fn::GetAtt", ["Database", "Endpoint", "Address"], (), None),
        ("Fn::GetAtt", [REF, "Arn"], (0,), "the logical id of Fn::GetAtt must be text as it stands, not Ref"),
        ("Fn::GetAtt", ["Database", {"Fn::Sub": "Arn"}], (1,), None),
        (
            "Fn::GetAtt",
            "Database",
            (),
            'the name of Fn::GetAtt must be a logical id, a dot and an attribute\'s name, not "Database"',
        ),
        ("Fn::GetAtt", "Database.", (), None),
        ("Fn::GetStackOutput", {"StackName": "other"}, (), None),
        ("Fn::GetStackOutput", ["other", "Id"], (), None),
        ("Fn::If", ["IsProd", "a"], (), None),
        ("Fn::If", [{"Condition": "IsProd"}, "a", "b"], (0,), None),
        ("Fn::If", ["IsProd", {"Fn::Equals": ["a", "b"]}, "b"], (1,), None),
        ("Fn::If", ["IsProd", {"a": {"Fn::Sub": "x", "b": 1}}, "b"], (1, "a", "Fn::Sub"), None),
        ("Fn::If", ["IsProd", {"a": [None]}, "b"], (1, "a", 0), None),
        ("Fn::ImportValue", {"Fn::GetAtt": ["A", "B"]}, (), "the name of Fn::ImportValue may not be Fn::GetAtt"),
        ("Fn::Join", ["a", "b"], (1,), 'the list of Fn::Join must be a list or an intrinsic, not "b"'),
        ("Fn::Join", [REF, ["a"]], (0,), "the delimiter of Fn::Join must be text as it stands, not Ref"),
        ("Fn::Join", [1, ["a"]], (0,), "the delimiter of Fn::Join must be text as it stands, not 1"),
        ("Fn::Join", ["", ["a", {"b": 1}]], (1, 1), "an item of Fn::Join must be text or an intrinsic, not a mapping"),
        (
            "Fn::Join",
            ["", [{"Fn::Split": [",", "a"]}]],
            (1, 0),
            "an item of Fn::Join must be text, but Fn::Split gives a list: take one with Fn::Select, or use Fn::Join",
        ),
        ("Fn::Join", ["", [{"Fn::ToJsonString": {"a": 1}}]], (1, 0), "an item of Fn::Join may not be Fn::ToJsonString"),
        ("Fn::Join", ["", [{"Fn::Length": ["a"]}]], (1, 0), None),
        ("Fn::Join", ["", [{"Fn::Transform": {"Name": "M"}}]], (1, 0), None),
        ("Fn::Join", ["", [{"Ref": "AWS::NotificationARNs"}]], (1, 0), None),
        ("Fn::Join", ["", {"Fn::Sub": "a"}], (1,), "the list of Fn::Join must be a list, but Fn::Sub gives text"),
        ("Fn::Join", ["", [{"Fn::If": ["C", "a", {"b": 1}]}]], (1, 0, "Fn::If", 2), None),
        (
            "Fn::Join",
            ["", [{"Fn::Unheard": 1}]],
            (1, 0, "Fn::Unheard"),
            "Fn::Unheard is no intrinsic of CloudFormation",
        ),
        ("Fn::Select", [-1, ["a"]], (0,), None),
        ("Fn::Select", ["x", ["a"]], (0,), None),
        ("Fn::Select", ["²", ["a"]], (0,), None),
        ("Fn::Select", ["9" * 5000, ["a"]], (0,), None),
        ("Fn::Select", [2, ["a", "b"]], (0,), "a list of 2 has no item 2, the first being item 0"),
        ("Fn::Select", [0, {"Fn::Join": ["", ["a"]]}], (1,), None),
        ("Fn::Split", ["", "a"], (0,), None),
        ("Fn::Split", [",", CIDR], (1,), None),
        ("Fn::Sub", 5, (), "Fn::Sub takes a text, or a list of two: a text, and a mapping of its variables"),
        ("Fn::Sub", ["a"], (), None),
        ("Fn::Sub", [REF, {}], (0,), None),
        ("Fn::Sub", ["${a}", {"a": ["b"]}], (1, "a"), "a variable of Fn::Sub must be text or an intrinsic, not a list"),
        ("Fn::Sub", ["${a}", {"a": {"Ref": ""}}], (1, "a", "Ref"), None),
        ("Fn::ToJsonString", "a", (), None),
        ("Fn::Transform", {"Parameters": {}}, (), None),
        ("Fn::ForEach::Each", ["Name", ["a"]], (), None),
    ],
)
def test_illegal_arguments(name: str, argument: object, route: tuple[str | int, ...], message: str | None) -> None:
    """What CloudFormation would refuse is refused, at its place and in plain words."""
    found = argument_fault(name, argument)

    assert found is not None
    assert found[0] == route
    assert message in (None, found[1])


def test_a_long_text_is_cut_in_messages() -> None:
    """A message does not repeat a whole script."""
    found = argument_fault("Fn::Select", ["x" * 10_000, ["a"]])

    assert found is not None
    assert len(found[1]) < 200


NESTINGS: dict[str, Callable[[Any], Any]] = {
    "items of joins": lambda value: {"Fn::Join": ["", [value]]},
    "values of conditions": lambda value: {"Fn::If": ["IsProd", value, NO_VALUE]},
    "items of selections": lambda value: {"Fn::Select": [0, [value]]},
    "conditions": lambda value: {"Fn::Not": [value]},
    "lists": lambda value: {"Fn::If": ["IsProd", [value], "a"]},
    "mappings": lambda value: {"Fn::ToJsonString": {"a": value}},
}


@pytest.mark.parametrize("nesting", NESTINGS)
def test_deep_nesting_is_refused(nesting: str) -> None:
    """Nesting beyond all measure is refused with a message, and does not exhaust the stack."""
    value: Any = {"Condition": "A"}
    for _ in range(5000):
        value = NESTINGS[nesting](value)
    ((name, argument),) = value.items()

    found = argument_fault(name, argument)
    assert found is not None
    assert found[1] == f"nested more than {MAX_DEPTH} deep"
    assert result(name, argument) == INTRINSICS[name].result if name != "Fn::Select" else "unknown"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from([*INTRINSICS, "Fn::X", "a"]), inner, max_size=2)
        | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=20,
)


@given(st.sampled_from([*INTRINSICS, "Fn::ForEach::Each", "Fn::X"]), JSON)
def test_any_argument_has_an_answer(name: str, argument: Any) -> None:
    """Whatever an argument is, it is legal or wrong at a place that exists."""
    found = argument_fault(name, argument)
    assert result(name, argument) in ("string", "list", "unknown")

    for step in found[0] if found else ():
        argument = argument[step]


@pytest.mark.parametrize(
    ("name", "argument", "given"),
    [
        ("Fn::Join", ["", []], "string"),
        ("Fn::Sub", "a", "string"),
        ("Fn::Split", [",", "a"], "list"),
        ("Fn::GetAZs", "", "list"),
        ("Ref", "AWS::Region", "string"),
        ("Ref", "AWS::NotificationARNs", "list"),
        ("Ref", "AWS::NoValue", "unknown"),
        ("Ref", "Subnets", "unknown"),
        ("Fn::GetAtt", ["A", "B"], "unknown"),
        ("Fn::FindInMap", ["A", "B", "C"], "unknown"),
        ("Fn::If", ["C", "a", NO_VALUE], "string"),
        ("Fn::If", ["C", ["a"], CIDR], "list"),
        ("Fn::If", ["C", "a", ["b"]], "unknown"),
        ("Fn::If", ["C", {"a": 1}, {"b": 1}], "unknown"),
        ("Fn::Select", [0, CIDR], "string"),
        ("Fn::Select", [0, [["a"], ["b"]]], "list"),
        ("Fn::Select", [0, ["a", 5]], "string"),
        ("Fn::Select", 5, "string"),
        ("Fn::Equals", ["a", "b"], "unknown"),
        ("Fn::X", 1, "unknown"),
    ],
)
def test_results(name: str, argument: object, given: str) -> None:
    """An intrinsic tells whether it gives text or a list, as far as it can by itself."""
    assert result(name, argument) == given


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", []),
        ("plain $text {a} $", []),
        ("${Name}", [(2, "Name")]),
        ("a${Db.Endpoint.Address}b${AWS::Region}", [(3, "Db.Endpoint.Address"), (26, "AWS::Region")]),
        ("${ Name\t}", [(3, "Name")]),
        ("${\nName\n}", [(3, "Name")]),
        ("${!Literal}", []),
        ("${ ! Literal}", []),
        ("${!a}${b}", [(7, "b")]),
        ("${}", []),
        ("${  }", []),
        ("${open", []),
        ("${two\nlines}", []),
        ("${two\n${a}", [(8, "a")]),
        ("${a b}", [(2, "a b")]),
        ("${outer${inner}}", [(2, "outer${inner")]),
        ("$${a}", [(3, "a")]),
    ],
)
def test_sub_names(text: str, names: list[tuple[int, str]]) -> None:
    """Names are found at their offsets, literals and unclosed braces are text."""
    found = list(sub_names(text))

    assert [(start, name) for start, _, name in found] == names
    assert all(text[start:end] == name for start, end, name in found)


@given(st.lists(st.sampled_from(["${", "}", "!", " ", "\n", "a", ".", "$", "{"]), max_size=30).map("".join))
def test_sub_names_never_overlap(text: str) -> None:
    """Names come in order and apart; each is closed by a brace on its line and has no space around it."""
    previous = 0
    for start, end, name in sub_names(text):
        assert previous <= start < end
        assert text[start:end] == name == name.strip()
        assert not name.startswith(("!", "}"))
        assert "\n" not in name
        assert text[end:].lstrip().startswith("}")
        previous = end


@pytest.mark.parametrize("text", ["${", "${a", "${a ", "${a\n", "${!a", "${ ", "$" * 9 + "{", "${a" + " " * 50])
def test_sub_names_take_linear_time(text: str) -> None:
    """No text takes longer than its length allows."""
    started = time.perf_counter()
    list(sub_names(text * 200_000 + "}"))
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize(
    ("name", "argument", "found"),
    [
        ("Ref", "A", [(("Ref",), "ref", "A", None, None)]),
        ("Ref", {"Ref": "A"}, []),
        ("Condition", "C", [(("Condition",), "condition", "C", None, None)]),
        ("Fn::If", ["C", REF, "b"], [(("Fn::If", 0), "condition", "C", None, None)]),
        ("Fn::FindInMap", ["M", "a", "b"], [(("Fn::FindInMap", 0), "mapping", "M", None, None)]),
        ("Fn::FindInMap", [REF, "a", "b"], []),
        ("Fn::GetAtt", ["A", "B.C"], [(("Fn::GetAtt", 0), "attribute", "A", "B.C", None)]),
        ("Fn::GetAtt", ["A", REF], [(("Fn::GetAtt", 0), "attribute", "A", None, None)]),
        ("Fn::GetAtt", "A.B.C", [(("Fn::GetAtt",), "attribute", "A", "B.C", 0)]),
        ("Fn::GetAtt", "A", []),
        (
            "Fn::Sub",
            "-${A}${B.C}",
            [(("Fn::Sub",), "ref", "A", None, 3), (("Fn::Sub",), "attribute", "B", "C", 7)],
        ),
        ("Fn::Sub", ["${A}${B}", {"A": "${C}"}], [(("Fn::Sub", 0), "ref", "B", None, 6)]),
        ("Fn::Base64", "${A}", []),
        ("Fn::Equals", ["A", "B"], []),
    ],
)
def test_named(name: str, argument: object, found: list[Any]) -> None:
    """An intrinsic names what its own argument does, with the place of each name."""
    assert list(named(name, argument)) == found


def test_pseudo_parameters() -> None:
    """CloudFormation has eight pseudo parameters, one of them a list."""
    assert len(PSEUDO_PARAMETERS) == 8
    assert [name for name, given in PSEUDO_PARAMETERS.items() if given == "list"] == ["AWS::NotificationARNs"]
