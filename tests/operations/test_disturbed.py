"""Deployments that somebody else, or a fault at a bad moment, comes in between: each was met on a walk of the model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import boto3
import pytest

from omegac.cloud import Unreachable
from omegac.deployment.parameters import Offered
from omegac.deployment.talk import Record
from omegac.diagnostics import Rejected
from omegac.operations.delete import Deletion, delete
from omegac.operations.deploy import Manner, deploy, of_change_set
from omegac.operations.diff import diff
from omegac.operations.inspection import events
from omegac.operations.release import Release
from omegac.operations.stack import SERVICE_TAG
from omegac.template import Compilation
from tests.endpoint import Endpoint
from tests.endpoint.faults import Fault
from tests.operations.scene import Witness, deployed, site
from tests.operations.somebody import Somebody

Compilations = Mapping[str, Compilation]
LOSSES = ("Orders", "HelloFunctionLogGroup", "shop")


@pytest.fixture
def somebody(endpoint: Endpoint) -> Somebody:
    """Somebody else with the same rights."""
    return Somebody(endpoint, boto3.client("cloudformation"))


def left(endpoint: Endpoint) -> list[str]:
    """The names of the change sets that wait, and the statuses of the stacks that are there."""
    endpoint.settle()
    there = [stack for stack in endpoint.stacks if stack.status != "DELETE_COMPLETE"]
    waiting = [each.name for stack in there for each in stack.change_sets.values() if each.execution == "AVAILABLE"]
    return [*waiting, *(stack.status for stack in there)]


def test_a_creation_that_others_delete_comes_to_its_end(
    endpoint: Endpoint, somebody: Somebody, compilations: Compilations
) -> None:
    """A stack that is deleted while it is created is not waited for, and that is said."""
    endpoint.hold("HelloFunctionRole")
    endpoint.before("DescribeStackEvents", lambda: somebody.deletes(""), after=4)
    witness = Witness()
    result = deployed(compilations["alone"], site(witness, yes=True))
    assert (result.outcome, result.status) == ("failed", "DELETE_COMPLETE")
    assert witness.codes == ["OM6107"]


def test_a_deletion_beside_one_of_others_is_done(
    endpoint: Endpoint, somebody: Somebody, compilations: Compilations
) -> None:
    """CloudFormation passes over the second of two deletions: the first is followed in its place."""
    deployed(compilations["alone"], site(Witness(), yes=True))
    endpoint.before("DeleteStack", lambda: somebody.deletes(""))
    result = delete(site(Witness(), yes=True, named=LOSSES), Deletion())
    assert (result.outcome, result.status) == ("done", "DELETE_COMPLETE")


def test_a_difference_to_a_stack_that_moves_is_taken_anew(
    endpoint: Endpoint, somebody: Somebody, compilations: Compilations
) -> None:
    """A stack that comes to be while its change set is made is looked at anew."""
    queue = compilations["queue"].template
    endpoint.before("CreateChangeSet", lambda: somebody.deploys(queue))
    endpoint.before("CreateChangeSet", endpoint.settle)
    where = site(Witness(), yes=True)
    result = diff(where, Release(compilations["alone"], Offered()))
    assert (result.outcome, result.status) == ("planned", "CREATE_COMPLETE")
    assert left(endpoint) == ["CREATE_COMPLETE"]


def test_a_stack_under_review_is_not_waited_for(endpoint: Endpoint, compilations: Compilations) -> None:
    """Nothing goes on in it: its events are told, and that is all."""
    deployed(compilations["alone"], site(Witness(), yes=True), plan_only=True)
    for follow_on in (False, True):
        witness = Witness()
        assert events(site(witness), Path(), follow_on=follow_on).outcome == "done"
        assert witness.events == ["shop REVIEW_IN_PROGRESS"]
    assert len(endpoint.called("DescribeStackEvents")) < 20


@pytest.mark.parametrize(("operation", "kind"), [("CreateChangeSet", "cut"), ("DescribeStackEvents", "503")])
def test_what_fails_before_the_execution_leaves_nothing(
    operation: str, kind: str, endpoint: Endpoint, compilations: Compilations
) -> None:
    """A change set whose answer was lost, and one before whose execution a call fails, go again."""
    endpoint.fault(operation, kind, done=True)  # type: ignore[arg-type] # a kind is a literal
    with pytest.raises(Unreachable):
        deployed(compilations["alone"], site(Witness(), yes=True))
    assert endpoint.called("ExecuteChangeSet") == []
    assert left(endpoint) == []


def test_a_plan_that_was_overtaken_goes(endpoint: Endpoint, somebody: Somebody, compilations: Compilations) -> None:
    """The change set that others have overtaken is no longer there once a new one is made."""
    deployed(compilations["alone"], site(Witness(), yes=True))
    endpoint.script.keep_obsolete = True
    endpoint.before("ExecuteChangeSet", lambda: somebody.deploys(compilations["queue"].template))
    endpoint.before("ExecuteChangeSet", endpoint.settle)
    deployed(compilations["changed"], site(Witness(), yes=True, named=("Queue",)))
    made = [each.name for each in endpoint.find("shop").change_sets.values() if each.execution == "OBSOLETE"]
    assert not [name for name in made if name.startswith("omegac-")]


@pytest.mark.parametrize("operation", ["DescribeChangeSet", "GetTemplate"])
def test_a_change_set_that_others_delete_is_made_anew(
    operation: str, endpoint: Endpoint, somebody: Somebody, compilations: Compilations
) -> None:
    """Of two deployments at once, the one whose change set goes with the other's execution plans anew."""
    deployed(compilations["alone"], site(Witness(), yes=True))
    endpoint.before(operation, lambda: somebody.deploys(compilations["changed"].template))
    endpoint.before(operation, endpoint.settle)
    result = deployed(compilations["queue"], site(Witness(), yes=True))
    assert (result.outcome, endpoint.find("shop").status) == ("done", "UPDATE_COMPLETE")
    assert [each["ChangeSetName"][:7] for each in endpoint.called("CreateChangeSet")].count("omegac-") == 3


def test_a_change_set_of_no_stack_cannot_be_executed(endpoint: Endpoint, compilations: Compilations) -> None:
    """Neither the stack nor the change set is there, which is said as of a change set alone."""
    subject = of_change_set("shop", "omegac-1", compilations["alone"].spec.folder)
    with pytest.raises(Rejected) as rejected:
        deploy(site(Witness(), yes=True), subject, Manner())
    assert [each.code for each in rejected.value.diagnostics] == ["OM6105"]
    assert endpoint.writes == []


@pytest.mark.parametrize("time", ["first", "second"])
def test_a_deployment_without_its_protection_is_a_failure(
    time: str, endpoint: Endpoint, compilations: Compilations
) -> None:
    """The stack is deployed, and that somebody could delete it by mistake is said, whether it was changed or not."""
    if time == "second":
        deployed(compilations["alone"], site(Witness(), yes=True))
    endpoint.fault("UpdateTerminationProtection", "access-denied")
    witness = Witness()
    result = deployed(compilations["alone"], site(witness, yes=True), protect=True)
    assert (result.outcome, result.status, witness.codes) == ("failed", "CREATE_COMPLETE", ["OM6008"])


@pytest.mark.parametrize("kind", ["503", "expired-token"])
def test_a_look_that_fails_at_last_is_no_failure(kind: str, endpoint: Endpoint, compilations: Compilations) -> None:
    """Once a deployment is done, it is: whatever becomes of the look at its outputs."""
    faults: list[Fault] = []

    class Waiter(Witness):
        def say(self, record: Record) -> None:
            super().say(record)
            if "shop CREATE_COMPLETE" in self.events and not faults:
                faults.append(endpoint.fault("DescribeStacks", kind, times=3))  # type: ignore[arg-type] # a literal

    result = deployed(compilations["alone"], site(Waiter(), yes=True))
    assert (result.outcome, result.status) == ("done", "CREATE_COMPLETE")
    assert faults[0].times < 3


def test_a_failure_that_no_event_tells_of_is_told(endpoint: Endpoint, compilations: Compilations) -> None:
    """Without the right to read events, what the stack itself says is said."""
    endpoint.fault("DescribeStackEvents", "access-denied", times=99)
    endpoint.fail("HelloFunctionRole", during="create")
    witness = Witness()
    assert deployed(compilations["alone"], site(witness, yes=True)).outcome == "failed"
    assert witness.codes == ["OM6204"]


def test_plans_of_others_are_not_deleted(endpoint: Endpoint, somebody: Somebody, compilations: Compilations) -> None:
    """A stack under review has no tag yet: its change sets tell whose it is."""
    somebody.plans(compilations["alone"].template)
    with pytest.raises(Rejected) as rejected:
        delete(site(Witness(), yes=True), Deletion())
    assert [each.code for each in rejected.value.diagnostics] == ["OM6102"]
    assert endpoint.called("DeleteStack") == []
    assert delete(site(Witness(), yes=True), Deletion(force=True)).outcome == "done"


def test_what_a_paused_update_has_made_goes_by_name(endpoint: Endpoint, compilations: Compilations) -> None:
    """An update that failed with its rollback off may have made a table, and somebody may have written to it."""
    deployed(compilations["changed"], site(Witness(), yes=True))
    endpoint.fail("HelloFunctionAlias", during="update")
    paused = deployed(compilations["table"], site(Witness(), yes=True), rollback=False)
    assert (paused.outcome, paused.status) == ("failed", "UPDATE_FAILED")
    with pytest.raises(Rejected) as rejected:
        deployed(compilations["changed"], site(Witness(), yes=True))
    assert [each.code for each in rejected.value.diagnostics] == ["OM6104"]
    assert endpoint.called("RollbackStack") == []
    assert deployed(compilations["changed"], site(Witness(), yes=True, named=("Orders",))).outcome == "unchanged"


def test_a_failed_creation_of_another_service_stays(endpoint: Endpoint, compilations: Compilations) -> None:
    """A stack of the name that another service's tag is on is not deleted, though it holds nothing."""
    endpoint.stack("shop", "ROLLBACK_COMPLETE", template=compilations["alone"].template, tags={SERVICE_TAG: "other"})
    with pytest.raises(Rejected) as rejected:
        deployed(compilations["alone"], site(Witness(), yes=True))
    assert [each.code for each in rejected.value.diagnostics] == ["OM6102"]
    assert endpoint.writes == []


def test_a_protected_stack_under_review_stays(
    endpoint: Endpoint, somebody: Somebody, compilations: Compilations
) -> None:
    """What others have protected meanwhile is not removed behind a difference."""
    endpoint.before("DeleteChangeSet", lambda: somebody.protects(""))
    diff(site(Witness(), yes=True), Release(compilations["alone"], Offered()))
    assert left(endpoint) == ["REVIEW_IN_PROGRESS"]
    assert endpoint.called("DeleteStack") == []
