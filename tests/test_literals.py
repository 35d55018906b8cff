"""What values can turn out to be, and which of them some deployment surely has together."""

from __future__ import annotations

from typing import Any

import pytest

from omegac.cloudformation.durations import seconds
from omegac.cloudformation.literals import ITEMS, Outcome, jointly, least, outcomes
from omegac.source import Origin, Origins, Traced

NO_VALUE = {"Ref": "AWS::NoValue"}


def traced(value: Any) -> Traced:
    return Traced(value, Origins(Origin(None)))


def values(properties: Any, *route: str, condition: str | None = None, **sections: Any) -> list[Any]:
    """The plain outcomes at a route of properties: each value, or None where there is none."""
    resource = {"Type": "T", "Properties": properties} | ({"Condition": condition} if condition else {})
    root = traced({**sections, "Resources": {"R": resource}})
    found = outcomes(root, root.at("Resources", "R"), "Properties", *route)
    return [outcome.value and outcome.value.value for outcome in found]


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"A": 1}, [1]),
        ({}, [None]),
        ({"A": NO_VALUE}, [None]),
        ({"A": {"Fn::If": ["C", 1, NO_VALUE]}}, [1, None]),
        ({"A": {"Fn::If": ["C", {"Fn::If": ["C", 1, 2]}, {"Fn::If": ["D", 3, 4]}]}}, [1, 3, 4]),
        ({"Fn::If": ["C", {"A": 1}, {}]}, [1, None]),
        ({"A": {"Fn::GetAtt": ["R", "A"]}}, [{"Fn::GetAtt": ["R", "A"]}]),
        ({"A": {"Fn::If": ["C", 1]}}, [{"Fn::If": ["C", 1]}]),
        ([1], []),
    ],
)
def test_outcomes(properties: Any, expected: list[Any]) -> None:
    """A value is what either side of a condition gives, and absent where it is taken away."""
    assert values(properties, "A") == expected


def test_a_default_counts_only_where_no_condition_is_asked() -> None:
    """A parameter's default is an outcome, but not behind a condition, nor where it names a value kept elsewhere."""
    parameters = {"P": {"Type": "String", "Default": ""}, "S": {"Type": "AWS::SSM::Parameter::Name", "Default": "x"}}
    reference = {"Ref": "P"}
    assert values({"A": reference}, "A", Parameters=parameters) == [""]
    assert values({"A": {"Ref": "S"}}, "A", Parameters=parameters) == [{"Ref": "S"}]
    assert values({"A": {"Ref": "Q"}}, "A", Parameters=parameters) == [{"Ref": "Q"}]
    assert values({"A": {"Fn::If": ["C", reference, 1]}}, "A", Parameters=parameters) == [reference, 1]
    assert values({"A": reference}, "A", condition="C", Parameters=parameters) == [reference]


@pytest.mark.parametrize(
    ("properties", "sections"),
    [
        ({"Fn::Transform": {"Name": "AWS::Include"}}, {}),
        ({"Fn::ForEach::Key": ["K", ["A"], {"${K}": 1}]}, {}),
        ({"Fn::ImportValue": "x"}, {}),
        ({}, {"Transform": ["AWS::LanguageExtensions", "Mine"]}),
        ({}, {"Transform": {"Name": "AWS::Include"}}),
    ],
)
def test_what_is_not_written_yet(properties: Any, sections: Any) -> None:
    """What a macro or a loop may still write is neither present nor absent."""
    root = traced({**sections, "Resources": {"R": {"Properties": properties}}})
    (found,) = outcomes(root, root.at("Resources", "R"), "Properties", "A")
    assert (found.present, found.absent, found.known) == (False, False, None)


def test_transforms_of_amazon_write_no_keys() -> None:
    """With Amazon's own transforms alone, what is absent is absent."""
    assert values({}, "A", Transform="AWS::Serverless-2016-10-31") == [None]


def test_items() -> None:
    """A route leads through the items of a list, and a list has at least those that no condition takes away."""
    items = [{"A": 1}, {"Fn::If": ["C", {"A": 2}, NO_VALUE]}, {"Fn::If": ["C", {"A": 3}, {"A": 4}]}]
    assert values({"L": items}, "L", ITEMS, "A") == [1, 2, None, 3, 4]
    assert least(traced({}), Outcome(traced(items))) == 2
    assert least(traced({}), Outcome(traced({"Ref": "L"}))) == 0


def test_jointly() -> None:
    """Outcomes come together where the conditions for one are those of all; two conditions may exclude each other."""
    always, if_c, if_not_c, if_d = (
        Outcome(None, frozenset(given)) for given in ([], [("C", True)], [("C", False)], [("D", True)])
    )
    both = Outcome(None, frozenset([("C", True), ("D", True)]))
    assert jointly([always], [always])
    assert jointly([if_c], [always])
    assert jointly([if_c], [if_c])
    assert jointly([if_c], [if_d], [both])
    assert jointly([if_c], [if_not_c, if_c])
    assert not jointly([if_c], [if_not_c])
    assert not jointly([if_c], [if_d])
    assert not jointly([always], [])


@pytest.mark.parametrize(
    ("value", "number", "truth"),
    [
        (3, 3, None),
        ("3", 3, None),
        (" 1.5 ", 1.5, None),
        ("3 instances", None, None),
        (True, None, True),
        ("False", None, False),
        ({"Ref": "P"}, None, None),
        (None, None, None),
    ],
    ids=repr,
)
def test_readings(value: Any, number: float | None, truth: bool | None) -> None:  # noqa: FBT001 (the value expected)
    """Numbers and booleans may be written as text; an intrinsic is neither."""
    outcome = Outcome(traced(value))
    assert (outcome.number, outcome.truth) == (number, truth)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "A"}, ("A", None)),
        ({"Fn::GetAtt": ["A", "Arn"]}, ("A", "Arn")),
        ({"Fn::GetAtt": "A.Arn"}, ("A", "Arn")),
        ({"Fn::Sub": "${A}"}, None),
        ("A", None),
    ],
)
def test_reference(value: Any, expected: tuple[str, str | None] | None) -> None:
    """A value that is a reference tells what it refers to."""
    found = Outcome(traced(value)).reference
    assert (found and (found.name, found.attribute)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PT5M", 300),
        ("PT1H30M", 5_400),
        ("PT0S", 0),
        ("PT1.5S", 1.5),
        ("P1D", 86_400),
        ("P1DT1S", 86_401),
        ("PT", None),
        ("P", None),
        ("P1DT", None),
        ("5M", None),
        ("PT5M30", None),
        ("PT5M1H", None),
        ("", None),
    ],
)
def test_seconds(text: str, expected: float | None) -> None:
    """A duration of ISO 8601 has a length, anything else none."""
    assert seconds(text) == expected
