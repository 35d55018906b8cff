"""Which name was meant by one that is misspelt."""

from __future__ import annotations

import pytest

from omegac.cloudformation.offerings import instance_types, runtimes
from omegac.spelling import nearest, same

KEYS = ("ami", "description", "environment", "logs", "memory", "root_volume", "userdata")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("memry", "memory"),
        ("memmory", "memory"),
        ("memoyr", "memory"),
        ("MEMORY", "memory"),
        ("user_data", "userdata"),
        ("rootVolume", "root_volume"),
        ("env", "environment"),
        ("desc", "description"),
        ("min", None),
        ("handler", None),
        ("x" * 10_000, None),
        ("", None),
    ],
)
def test_nearest_key(name: str, meant: str | None) -> None:
    """What a few slips, other letters or an early end make of a name leads back to it; nothing else leads anywhere."""
    assert nearest(name, KEYS) == meant


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("python3.31", "python3.13"),
        ("pyhton3.13", "python3.13"),
        ("python-3.13", "python3.13"),
        ("nodejs22", "nodejs22.x"),
        ("python", None),
        ("rust", None),
    ],
)
def test_nearest_runtime(name: str, meant: str | None) -> None:
    """Letters that changed places are nearer than others; a beginning of many names is none of them."""
    assert nearest(name, runtimes()) == meant


@pytest.mark.parametrize(
    ("name", "meant"),
    [("t3.mirco", "t3.micro"), ("t4g-micro", "t4g.micro"), ("T3.Micro", "t3.micro"), ("c7g.xlarg", "c7g.xlarge")],
)
def test_nearest_instance_type(name: str, meant: str) -> None:
    """An instance type is found among all there are."""
    assert nearest(name, instance_types()) == meant


def test_beginning_of_several() -> None:
    """Of names that go on where one ends, the one that all others begin with is meant."""
    resources = ["HelloFunctionRole", "HelloFunction", "HelloFunctionAlias"]
    assert nearest("Hello", resources) == "HelloFunction"
    assert nearest("Hello", resources[::2]) is None


def test_same_letters() -> None:
    """A name in another spelling is that name, unless it is that of two."""
    assert same("MinLength", ["min_length", "max_length"]) == "min_length"
    assert same("MinLengths", ["min_length", "max_length"]) is None
    assert same("MinLength", ["min_length", "min-length"]) is None


def test_order_does_not_matter() -> None:
    """The same name is found whatever order the known ones come in."""
    near = ["t3a.micro", "t4a.micro", "t2a.micro"]
    assert nearest("tXa.micro", near) == nearest("tXa.micro", reversed(near)) == "t2a.micro"
