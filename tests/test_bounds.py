"""How many bytes a text of intrinsics has when it is deployed."""

from __future__ import annotations

from typing import Any

import pytest

from omegac.cloudformation.bounds import Bounds, bounds

TEMPLATE = {
    "Parameters": {
        "Free": {"Type": "String"},
        "Short": {"Type": "String", "MinLength": 2, "MaxLength": "10"},
        "Choice": {"Type": "String", "AllowedValues": ["a", "three", 10]},
        "ArtifactBucket": {"Type": "String"},
    },
    "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
}


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [
        ("abc", 3, 3),
        ("é☃", 5, 5),
        (42, 2, 2),
        ({"Ref": "AWS::AccountId"}, 12, 12),
        ({"Ref": "Free"}, 0, 4096),
        ({"Ref": "Short"}, 2, 40),
        ({"Ref": "Choice"}, 1, 5),
        ({"Ref": "ArtifactBucket"}, 3, 63),
        ({"Ref": "Queue"}, 0, 2048),
        ({"Fn::GetAtt": ["Queue", "Arn"]}, 0, 2048),
        ({"Fn::If": ["C", "a", "bcd"]}, 1, 3),
        ({"Fn::Join": ["--", ["a", {"Ref": "Choice"}, "b"]]}, 7, 11),
        ({"Fn::Join": ["", []]}, 0, 0),
        ({"Fn::Base64": "abcd"}, 8, 8),
        ({"Fn::Base64": {"Ref": "Choice"}}, 4, 8),
        ({"Fn::Sub": "x-${Choice}-${AWS::AccountId}"}, 16, 20),
        ({"Fn::Sub": ["${v}!", {"v": "four"}]}, 5, 5),
        ({"Fn::Sub": "${Queue.Arn}"}, 0, 2048),
        ({"Fn::Unknown": 1}, 0, 2048),
    ],
    ids=str,
)
def test_bounds(value: Any, low: int, high: int) -> None:
    """Literal text counts in UTF-8, what is only known at deployment between what it can be."""
    assert bounds(value, TEMPLATE) == Bounds(low, high)
