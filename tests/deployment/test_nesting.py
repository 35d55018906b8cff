"""What is lost inside of nested stacks, by what was found in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from omegac.deployment.changes import NESTED, Change, Changes, changes_of
from omegac.deployment.nesting import completed, going, unseen

TABLE = Change("remove", "Table", "AWS::DynamoDB::Table", keeps="delete", holds_data=True, stack=("Part",))


def changes(action: str, inner: Mapping[str, list[Any]] | None = None, **more: Any) -> Changes:
    """What a change set does to a nested stack, of which its own one tells the removal of a table."""
    change = {"Action": action, "LogicalResourceId": "Part", "ResourceType": NESTED, "PhysicalResourceId": "p", **more}
    return changes_of([{"Changes": [{"Type": "Resource", "ResourceChange": change}]}], None, {}, inner)


def told() -> Mapping[str, list[Any]]:
    removal = {"Action": "Remove", "LogicalResourceId": "Table", "ResourceType": "AWS::DynamoDB::Table"}
    return {"c": [{"Changes": [{"Type": "Resource", "ResourceChange": removal}]}]}


@pytest.mark.parametrize(
    ("found", "names"),
    [
        (changes("Remove"), ["Part"]),
        (changes("Modify", Replacement="True"), ["Part"]),
        (changes("Modify", Replacement="False"), ["Part"]),
        (changes("Modify", Replacement="False", ChangeSetId="c"), ["Part"]),
        (changes("Modify", told(), Replacement="False", ChangeSetId="c"), []),
        (changes("Remove", PolicyAction="Retain"), []),
        (changes("Add"), []),
    ],
)
def test_a_stack_is_looked_into_where_nothing_tells_of_it(found: Changes, names: list[str]) -> None:
    """One that goes, and one whose change set is not to be had; not one that is told of, kept, or new."""
    assert [change.name for change in unseen(found)] == names


@pytest.mark.parametrize(
    ("inside", "lost", "remarks"),
    [
        ((TABLE,), ["Part"], ("with Part goes what Part/Table holds",)),
        ((), [], ()),
        (None, ["Part"], ()),
    ],
)
def test_a_stack_that_goes_loses_what_is_in_it(
    inside: tuple[Change, ...] | None, lost: list[str], remarks: tuple[str, ...]
) -> None:
    """What was found counts; where nothing could be found out, data is taken to be there."""
    found = completed(changes("Remove"), {"Part": inside})
    assert ([change.name for change in found.at_risk], found.remarks) == (lost, remarks)


@pytest.mark.parametrize(
    ("inside", "remark"),
    [
        ((TABLE,), ": it may take away what Part/Table holds"),
        ((), ", but nothing in it holds data"),
        (None, ", nor what it holds"),
    ],
)
def test_what_is_not_told_is_said(inside: tuple[Change, ...] | None, remark: str) -> None:
    """A nested stack that changes unseen always has its remark."""
    found = completed(changes("Modify", Replacement="False"), {"Part": inside})
    assert found.remarks == (f"what changes within Part is not told{remark}",)
    assert found.resources[0].loses_data == (inside != ())


def test_a_loss_is_asked_for_once() -> None:
    """What a nested change set tells to go is not counted again with the nested stack that goes around it."""
    found = completed(changes("Remove", told(), ChangeSetId="c"), {"Part": (TABLE,)})
    assert [change.name for change in found.at_risk] == ["Part/Table"]


def test_all_of_a_stack_goes_but_what_is_kept() -> None:
    """Each resource goes, by the policies of the template that it is of."""
    resources = [{"LogicalResourceId": name, "ResourceType": TABLE.type} for name in ("Kept", "Lost")]
    template = {"Resources": {"Kept": {"Type": TABLE.type, "DeletionPolicy": "Retain"}, "Lost": {"Type": TABLE.type}}}
    assert [each.name for each in going(resources, template, stack=("Part",)) if each.loses_data] == ["Part/Lost"]
