"""Nested stacks, two deep, by whole commands over HTTP: what goes with them is shown, and asked for by its path."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import boto3
import pytest

from tests.endpoint import Endpoint, Stack
from tests.operations.scene import SPEC
from tests.operations.shell import Done, at_terminal, omegac

STACK = "AWS::CloudFormation::Stack"
TABLE = {"Type": "AWS::DynamoDB::Table", "Properties": {"BillingMode": "PAY_PER_REQUEST"}}
KEPT = {**TABLE, "DeletionPolicy": "Retain"}
DATABASE = {"Type": "AWS::RDS::DBInstance", "DeletionPolicy": "Delete", "Properties": {"Engine": "postgres"}}
SETTING = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "v"}}


class Shop(Protocol):
    """Writes the spec, with some resources."""

    def __call__(self, **resources: Any) -> Path: ...


@pytest.fixture
def shop(endpoint: Endpoint, tmp_path: Path) -> Shop:
    endpoint.bucket("parts")
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "hello.py").write_text("def handler(event, context):\n    return event\n", "utf-8")

    def write(**resources: Any) -> Path:
        (tmp_path / "omega.yaml").write_text(f"{SPEC}resources: {json.dumps(resources)}\n", "utf-8")
        return tmp_path

    return write


def part(endpoint: Endpoint, name: str, **resources: Any) -> dict[str, Any]:
    """A nested stack of some resources, whose template is in S3."""
    body = json.dumps({"Resources": {**resources, "Setting": SETTING}})
    boto3.client("s3").put_object(Bucket="parts", Key=f"{name}.json", Body=body)
    return {"Type": STACK, "Properties": {"TemplateURL": f"{endpoint.url}/parts/{name}.json"}}


def deploy(folder: Path, *options: str) -> Done:
    return omegac(folder, "deploy", "--stack", "shop", "--yes", *options)


def deployed(folder: Path, *options: str) -> Done:
    done = deploy(folder, *options)
    assert done.code == 0, done.out + done.err
    return done


def child(endpoint: Endpoint, *path: str) -> Stack:
    """A stack nested in the shop's."""
    stack = endpoint.find("shop")
    for logical_id in path:
        stack = endpoint.find(stack.resources[logical_id].physical_id)
    return stack


def names(stack: Stack) -> set[str]:
    return {name for name, resource in stack.resources.items() if resource.exists}


def planned(done: Done) -> Mapping[str, Mapping[str, Any]]:
    """What becomes of each resource, by the path of its logical id."""
    (record,) = done.of_type("planned")
    return {"/".join([*each["stack"], each["logical_id"]]): each for each in record["changes"]["resources"]}


def remarks(done: Done) -> list[str]:
    (record,) = done.of_type("planned")
    return [str(remark) for remark in record["changes"]["remarks"]]


def two_deep(endpoint: Endpoint, shop: Shop) -> Path:
    """Deploys a database two stacks below the root, then writes a spec without it."""
    deployed(shop(Part=part(endpoint, "one", Deep=part(endpoint, "deep", Database=DATABASE))))
    return shop(Part=part(endpoint, "one-b", Deep=part(endpoint, "deep-b")))


def test_a_loss_two_deep_is_shown_and_asked_for(endpoint: Endpoint, shop: Shop) -> None:
    """A database two stacks below is lost by its path alone; refused without consent, nothing is changed."""
    folder = two_deep(endpoint, shop)
    refused = deploy(folder)
    assert refused.code == 1
    assert "- remove AWS::RDS::DBInstance Part/Deep/Database" in refused.out + refused.err
    assert "data is lost, or may be, with Part/Deep/Database" in refused.out + refused.err
    assert "OM6104" in refused.err
    assert "agree beforehand with --accept-loss Part/Deep/Database" in refused.err
    assert deploy(folder, "--accept-loss", "Database").code == 1
    assert "Database" in names(child(endpoint, "Part", "Deep"))
    done = deployed(folder, "--accept-loss", "Part/Deep/Database", "--format", "json")
    change = planned(done)["Part/Deep/Database"]
    assert (change["action"], change["loses_data"], change["stack"]) == ("remove", True, ["Part", "Deep"])
    assert [name for name, each in planned(done).items() if each["untold"]] == []
    assert names(child(endpoint, "Part", "Deep")) == {"Setting"}


def test_what_is_nested_is_asked_for_at_a_terminal(endpoint: Endpoint, shop: Shop) -> None:
    """The name to type is the path: the logical id alone is a no."""
    folder = two_deep(endpoint, shop)
    typed = ("deploy", "--stack", "shop", "--yes")
    assert "nothing was done" in at_terminal(folder, ["Database"], *typed).out
    assert "Database" in names(child(endpoint, "Part", "Deep"))
    done = at_terminal(folder, ["Part/Deep/Database"], *typed)
    assert "Part/Deep/Database (AWS::RDS::DBInstance) holds data, which is lost" in done.out
    assert done.code == 0


def test_one_consent_is_for_one_resource(endpoint: Endpoint, shop: Shop) -> None:
    """Of two of one logical id, each is asked for by its own path; both are told at once where nobody is there."""
    deployed(shop(Table=TABLE, Part=part(endpoint, "one", Table=TABLE)))
    folder = shop(Part=part(endpoint, "one-b"))
    refused = deploy(folder)
    assert "--accept-loss Table --accept-loss Part/Table" in refused.err
    assert refused.err.count("OM6104") == 1
    second = deploy(folder, "--accept-loss", "Table")
    assert second.code == 1
    assert "agree beforehand with --accept-loss Part/Table\n" in second.err
    assert endpoint.find("shop").resources["Table"].exists
    deployed(folder, "--accept-loss", "Table", "--accept-loss", "Part/Table")
    assert names(child(endpoint, "Part")) == {"Setting"}


def test_a_consent_to_nothing_is_noted(shop: Shop) -> None:
    """A name with which nothing is lost is said, with the one that was probably meant, and refuses nothing."""
    deployed(shop(Table=TABLE))
    refused = deploy(shop(), "--accept-loss", "Tabel")
    assert '--accept-loss Tabel agrees to nothing, as no data is lost with that; did you mean "Table"?' in (
        refused.out + refused.err
    )
    assert refused.code == 1
    assert "agrees to nothing" not in deployed(shop(), "--accept-loss", "Table").err
    old = deployed(shop(Setting=SETTING), "--accept-loss", "Table")
    assert "--accept-loss Table agrees to nothing" in old.out + old.err


@pytest.mark.parametrize("inside", [{"Table": TABLE}, {"Deep": {"Table": TABLE}}])
def test_a_nested_stack_that_goes_takes_what_it_holds(inside: dict[str, Any], endpoint: Endpoint, shop: Shop) -> None:
    """A nested stack that is removed is a loss of what is in it, however deep, which is named."""
    resources = {name: part(endpoint, "two", **body) if name == "Deep" else body for name, body in inside.items()}
    path = "Part/Deep/Table" if "Deep" in inside else "Part/Table"
    deployed(shop(Part=part(endpoint, "one", **resources)))
    refused = deploy(shop())
    assert refused.code == 1
    assert f"Part ({STACK}) holds the data of {path}, which is lost" in refused.err
    done = deployed(shop(), "--accept-loss", "Part", "--format", "json")
    change = planned(done)["Part"]
    assert (change["action"], change["loses_data"], change["within"]) == ("remove", True, [path])
    assert f"with Part goes what {path} holds" in remarks(done)
    assert "Part" not in names(endpoint.find("shop"))


@pytest.mark.parametrize("inside", [{}, {"Table": KEPT}])
def test_a_nested_stack_without_data_goes_unasked(inside: dict[str, Any], endpoint: Endpoint, shop: Shop) -> None:
    """Where nothing is lost inside of a nested stack, nobody is asked for its name."""
    deployed(shop(Part=part(endpoint, "one", **inside)))
    assert not planned(deployed(shop(), "--format", "json"))["Part"]["loses_data"]


@pytest.mark.parametrize("operation", ["ListStackResources", "GetTemplate"])
def test_what_may_not_be_looked_at_counts_as_data(operation: str, endpoint: Endpoint, shop: Shop) -> None:
    """A nested stack that whoever deploys may not look into goes by its name alone."""
    deployed(shop(Part=part(endpoint, "one")))
    after = 1 if operation == "GetTemplate" else 0  # the first is that of the root
    endpoint.fault(operation, "access-denied", after=after)
    refused = deploy(shop())
    assert refused.code == 1
    assert f"Part ({STACK}) holds data, which is lost" in refused.err


def test_a_change_within_that_is_not_told_is_asked_for(endpoint: Endpoint, shop: Shop) -> None:
    """Without a change set of its own, a nested stack that holds data changes by its name alone, and that is said."""
    deployed(shop(Part=part(endpoint, "one", Table=TABLE, Deep=part(endpoint, "deep", Database=DATABASE))))
    endpoint.script.nests = False
    folder = shop(Part=part(endpoint, "one-b", Deep=part(endpoint, "deep", Database=DATABASE)))
    refused = deploy(folder)
    assert refused.code == 1
    assert f"~ change {STACK} Part" in refused.out + refused.err
    assert "what changes within Part is not told: it may take away what Part/Deep/Database, Part/Table hold" in (
        refused.out + refused.err
    )
    assert "it holds the data of Part/Deep/Database, Part/Table, which may be lost" in refused.err
    done = deployed(folder, "--accept-loss", "Part", "--format", "json")
    change = planned(done)["Part"]
    assert (change["action"], change["untold"], change["loses_data"]) == ("change", True, True)
    assert names(child(endpoint, "Part")) == {"Deep", "Setting"}


def test_a_change_within_that_can_lose_nothing_is_not_asked_for(endpoint: Endpoint, shop: Shop) -> None:
    """Where a nested stack holds no data, what is not told of it is said, and nobody is asked."""
    deployed(shop(Part=part(endpoint, "one")))
    endpoint.script.nests = False
    done = deployed(shop(Part=part(endpoint, "one-b", Table=TABLE)), "--format", "json")
    assert "what changes within Part is not told, but nothing in it holds data" in remarks(done)
    assert names(child(endpoint, "Part")) == {"Setting", "Table"}


def test_a_change_set_that_may_not_be_seen_tells_nothing(endpoint: Endpoint, shop: Shop) -> None:
    """A nested change set that cannot be described leaves what changes within untold, and its data asked for."""
    deployed(shop(Part=part(endpoint, "one", Table=TABLE)))
    changed = shop(Part=part(endpoint, "one-b"))
    endpoint.fault("DescribeChangeSet", "access-denied", after=_looks_at_the_root(endpoint, changed))
    refused = deploy(changed)
    assert refused.code == 1
    assert f"what changes within Part ({STACK}) is not told" in refused.err


def _looks_at_the_root(endpoint: Endpoint, folder: Path) -> int:
    """How often the root's change set is looked at, before that of a nested stack is."""
    before = len(endpoint.called("DescribeChangeSet"))
    deploy(folder)
    return len(endpoint.called("DescribeChangeSet")) - before - 1


def test_a_deletion_tells_what_goes_with_nested_stacks(endpoint: Endpoint, shop: Shop) -> None:
    """`omegac delete` names what is lost inside of nested stacks; one without data is no loss."""
    deep = part(endpoint, "deep", Database=DATABASE)
    folder = shop(Part=part(endpoint, "one", Deep=deep), Bare=part(endpoint, "bare"))
    deployed(folder)
    refused = omegac(folder, "delete", "--stack", "shop", "--yes")
    assert refused.code == 1
    assert "Part/Deep/Database" in refused.err
    assert "Bare" not in refused.err
    done = omegac(folder, "delete", "--stack", "shop", "--yes", "--accept-loss", "shop", "--format", "json")
    assert done.code == 0, done.err
    assert {name for name, each in planned(done).items() if each["loses_data"]} == {"HelloFunctionLogGroup", "Part"}
    assert {stack.status for stack in endpoint.stacks} == {"DELETE_COMPLETE"}


def test_nested_change_sets_go_with_that_of_the_root(endpoint: Endpoint, shop: Shop) -> None:
    """A plan that was refused, and one that was executed, leave no change set in any nested stack."""
    folder = two_deep(endpoint, shop)
    deploy(folder)
    assert [stack.change_sets for stack in endpoint.stacks if stack.parent] == [{}, {}]
    deployed(folder, "--accept-loss", "Part/Deep/Database")
    assert [stack.change_sets for stack in endpoint.stacks if stack.parent] == [{}, {}]


def test_a_reviewed_plan_asks_for_what_is_nested(endpoint: Endpoint, shop: Shop) -> None:
    """A change set that was made with --plan is executed with the consent that its nested ones need."""
    folder = two_deep(endpoint, shop)
    name = deployed(folder, "--plan", "--format", "json").of_type("result")[0]["change_set"]
    reviewed = ("deploy", "--stack", "shop", "--yes", "--change-set", name)
    assert "--accept-loss Part/Deep/Database" in omegac(folder, *reviewed).err
    assert omegac(folder, *reviewed, "--accept-loss", "Part/Deep/Database").code == 0
    assert names(child(endpoint, "Part", "Deep")) == {"Setting"}


def test_a_failure_two_deep_is_followed_and_told(endpoint: Endpoint, shop: Shop) -> None:
    """What fails inside is followed by its path, told by its reason, and rolled back with the root."""
    deployed(shop(Part=part(endpoint, "one", Deep=part(endpoint, "deep"))))
    folder = shop(Part=part(endpoint, "one-b", Deep=part(endpoint, "deep-b", Table=TABLE)))
    endpoint.fail("Table", reason="no table today")
    done = deploy(folder, "--format", "json")
    assert done.code == 4
    paths = [(record["path"], record["status"]) for record in done.of_type("event")]
    assert (["Part", "Deep", "Table"], "CREATE_FAILED") in paths
    assert "no table today" in done.out + done.err
    assert endpoint.find("shop").status == "UPDATE_ROLLBACK_COMPLETE"
