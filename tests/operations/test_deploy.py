"""Deployments against the scripted endpoint: what comes of each status and each fault, by botocore's own calls."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from omegac.deployment.statuses import ABSENT, STATUSES
from omegac.deployment.talk import Found, Standing
from omegac.diagnostics import Rejected
from omegac.operations.stack import SERVICE_TAG
from omegac.template import Compilation
from tests.endpoint import DIDNT_CONTAIN_CHANGES, NO_UPDATES, Endpoint
from tests.endpoint import STATUSES as CLOUDFORMATIONS
from tests.operations.scene import Witness, deployed, site

OWN = {SERVICE_TAG: "shop"}
CREATES = [name for name, status in STATUSES.items() if status.deploying == "create"]
UPDATES = [name for name, status in STATUSES.items() if status.deploying == "update"]
WAITS = [name for name, status in STATUSES.items() if status.deploying == "wait"]
REFUSES = [name for name, status in STATUSES.items() if status.deploying == "refuse"]
ENDS = {
    "DELETE_IN_PROGRESS": "DELETE_COMPLETE",
    "IMPORT_ROLLBACK_IN_PROGRESS": "IMPORT_ROLLBACK_COMPLETE",
    "ROLLBACK_IN_PROGRESS": "ROLLBACK_COMPLETE",
}
"""How what is under way ends, where it does not end as its name says."""


def staged(endpoint: Endpoint, status: str, compilation: Compilation, **more: object) -> None:
    """A stack of the service in a status, deployed with a compilation."""
    if status != ABSENT:
        parameters = {"ArtifactBucket": f"omegac-{endpoint.account}-{endpoint.region}"}
        how = {"template": compilation.template, "tags": OWN, "parameters": parameters, **more}
        endpoint.stack("shop", status, **how)  # type: ignore[arg-type]


def test_every_status_of_cloudformation_is_in_the_table() -> None:
    """The table has each status that CloudFormation's model has, and that there is no stack."""
    assert set(STATUSES) - {ABSENT} == set(CLOUDFORMATIONS)


@pytest.mark.parametrize("status", CREATES)
def test_what_is_not_there_is_created(status: str, endpoint: Endpoint, compilations: Mapping[str, Compilation]) -> None:
    """No stack, one under review and one that was deleted are all created."""
    staged(endpoint, status, compilations["alone"])
    witness = Witness()
    result = deployed(compilations["queue"], site(witness, yes=True))
    assert (result.outcome, result.status) == ("done", "CREATE_COMPLETE"), witness.heard
    assert endpoint.called("CreateChangeSet")[-1]["ChangeSetType"] == "CREATE"
    assert endpoint.find("shop").deployment.tags[SERVICE_TAG] == "shop"
    assert "Queue CREATE_COMPLETE" in witness.events


@pytest.mark.parametrize("status", UPDATES)
def test_what_rests_well_is_updated(status: str, endpoint: Endpoint, compilations: Mapping[str, Compilation]) -> None:
    """A stack that rests in a good state is updated, whatever came before."""
    staged(endpoint, status, compilations["alone"])
    witness = Witness()
    result = deployed(compilations["queue"], site(witness, yes=True))
    assert (result.outcome, result.status) == ("done", "UPDATE_COMPLETE"), witness.heard
    assert endpoint.called("CreateChangeSet")[-1]["ChangeSetType"] == "UPDATE"


@pytest.mark.parametrize("status", WAITS)
def test_what_is_under_way_is_waited_for(
    status: str, endpoint: Endpoint, compilations: Mapping[str, Compilation]
) -> None:
    """An operation of others is followed to its end, and the stack then deployed from where it is."""
    end = ENDS.get(status, status.removesuffix("_CLEANUP_IN_PROGRESS").removesuffix("_IN_PROGRESS"))
    end = end if end.endswith("_COMPLETE") else f"{end}_COMPLETE"
    gone = dict.fromkeys(compilations["alone"].root.value["Resources"], "DELETE_COMPLETE")
    more = {"resources": gone} if end == "ROLLBACK_COMPLETE" else {}
    staged(endpoint, status, compilations["alone"], then=[end], **more)
    witness = Witness()
    result = deployed(compilations["queue"], site(witness, yes=True))
    assert result.outcome == "done", (witness.heard, result)
    assert endpoint.find("shop").status in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
    assert any("waiting" in note for note in witness.notes)


@pytest.mark.parametrize("status", REFUSES)
def test_what_needs_a_look_is_refused(status: str, endpoint: Endpoint, compilations: Mapping[str, Compilation]) -> None:
    """A stack that something is left of is refused with the way out, and nothing is called that writes."""
    staged(endpoint, status, compilations["alone"])
    with pytest.raises(Rejected) as rejected:
        deployed(compilations["queue"], site(Witness(), yes=True))
    assert [each.code for each in rejected.value.diagnostics] == ["OM6101"]
    assert rejected.value.diagnostics[0].hint
    assert endpoint.writes == []


def test_a_failed_creation_is_deleted_and_created_anew(
    endpoint: Endpoint, compilations: Mapping[str, Compilation]
) -> None:
    """With consent, an empty stack of omegac's own in ROLLBACK_COMPLETE makes room for a new one."""
    staged(endpoint, "ROLLBACK_COMPLETE", compilations["alone"])
    witness = Witness("yes")
    result = deployed(compilations["alone"], site(witness))
    assert (result.outcome, result.status) == ("done", "CREATE_COMPLETE")
    assert "It holds nothing" in witness.questions[0]
    assert len(endpoint.called("DeleteStack")) == 1


def test_without_consent_a_failed_creation_stays(endpoint: Endpoint, compilations: Mapping[str, Compilation]) -> None:
    """A no leaves the stack as it is."""
    staged(endpoint, "ROLLBACK_COMPLETE", compilations["alone"])
    assert deployed(compilations["alone"], site(Witness("no"))).outcome == "declined"
    assert endpoint.writes == []


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"tags": {}}, "OM6102"),
        ({"protected": True}, "OM6106"),
        ({"resources": {"HelloFunction": "CREATE_COMPLETE"}}, "OM6101"),
    ],
)
def test_a_failed_creation_is_not_always_ours_to_delete(
    more: Mapping[str, object], code: str, endpoint: Endpoint, compilations: Mapping[str, Compilation]
) -> None:
    """One without the tag, one that is protected, and one that holds something are refused, whatever was agreed to."""
    staged(endpoint, "ROLLBACK_COMPLETE", compilations["alone"], **more)
    with pytest.raises(Rejected) as rejected:
        deployed(compilations["alone"], site(Witness(), yes=True))
    assert [each.code for each in rejected.value.diagnostics] == [code]
    assert endpoint.writes == []


def test_a_blocked_rollback_is_continued(endpoint: Endpoint, compilations: Mapping[str, Compilation]) -> None:
    """UPDATE_ROLLBACK_FAILED is brought to its end first, then the stack is updated."""
    staged(endpoint, "UPDATE_ROLLBACK_FAILED", compilations["alone"], resources={"HelloFunction": "UPDATE_FAILED"})
    result = deployed(compilations["queue"], site(Witness(), yes=True))
    assert (result.outcome, result.status) == ("done", "UPDATE_COMPLETE")
    assert endpoint.called("ContinueUpdateRollback")[0].get("ResourcesToSkip") in (None, [])


def test_what_blocks_a_rollback_again_is_named(endpoint: Endpoint, compilations: Mapping[str, Compilation]) -> None:
    """A rollback that fails again names what to skip; with that skipped it ends."""
    staged(endpoint, "UPDATE_ROLLBACK_FAILED", compilations["alone"], resources={"HelloFunction": "UPDATE_FAILED"})
    endpoint.fail("HelloFunction", during="rollback", reason="it is gone")
    witness = Witness()
    result = deployed(compilations["queue"], site(witness, yes=True))
    assert (result.outcome, result.status) == ("failed", "UPDATE_ROLLBACK_FAILED")
    (found,) = [record.diagnostic for record in witness.heard if isinstance(record, Found)]
    assert found.code == "OM6206"
    assert "--skip HelloFunction" in (found.hint or "")
    assert "it is gone" in found.message
    result = deployed(compilations["queue"], site(Witness(), yes=True), skip=["HelloFunction"])
    assert result.outcome == "done"


def test_the_clock_is_that_of_aws(endpoint: Endpoint, compilations: Mapping[str, Compilation]) -> None:
    """How far this machine's clock is off is told with each look, as AWS's answers say."""
    witness = Witness()
    assert deployed(compilations["alone"], site(witness, yes=True)).outcome == "done"
    assert endpoint.called("DescribeStacks")
    ahead = [record.ahead for record in witness.heard if isinstance(record, Standing)]
    assert ahead
    there = datetime(2026, 1, 1, tzinfo=UTC)
    assert all(abs(datetime.now(UTC) + each - there) < timedelta(minutes=1) for each in ahead)


def test_a_paused_update_is_undone_first(endpoint: Endpoint, compilations: Mapping[str, Compilation]) -> None:
    """UPDATE_FAILED is rolled back, with consent, before the stack is updated."""
    staged(endpoint, "UPDATE_FAILED", compilations["alone"])
    result = deployed(compilations["queue"], site(Witness(), yes=True))
    assert result.outcome == "done"
    assert len(endpoint.called("RollbackStack")) == 1


@pytest.mark.parametrize("status", ["CREATE_FAILED", "UPDATE_FAILED"])
def test_without_rollback_a_paused_stack_is_updated(
    status: str, endpoint: Endpoint, compilations: Mapping[str, Compilation]
) -> None:
    """With --no-rollback, what failed and was left is updated from there."""
    staged(endpoint, status, compilations["alone"])
    result = deployed(compilations["queue"], site(Witness(), yes=True), rollback=False)
    assert result.outcome == "done"
    assert endpoint.called("ExecuteChangeSet")[0]["DisableRollback"] in (True, "true")


def test_a_paused_creation_goes_with_what_it_made(endpoint: Endpoint, compilations: Mapping[str, Compilation]) -> None:
    """CREATE_FAILED is deleted and created anew; what holds data needs consent by its name."""
    staged(endpoint, "CREATE_FAILED", compilations["table"], resources={"Orders": "CREATE_COMPLETE"})
    with pytest.raises(Rejected) as rejected:
        deployed(compilations["table"], site(Witness(), yes=True))
    assert [each.code for each in rejected.value.diagnostics] == ["OM6104"]
    assert endpoint.writes == []
    named = ("Orders", "HelloFunctionLogGroup")
    assert deployed(compilations["table"], site(Witness(), yes=True, named=named)).outcome == "done"


@pytest.mark.parametrize("text", [DIDNT_CONTAIN_CHANGES, NO_UPDATES])
def test_no_change_is_success(text: str, endpoint: Endpoint, compilations: Mapping[str, Compilation]) -> None:
    """Both of CloudFormation's texts for it end well, and the empty change set goes."""
    assert deployed(compilations["queue"], site(Witness(), yes=True)).outcome == "done"
    endpoint.script.no_change = text
    before = len(endpoint.called("ExecuteChangeSet"))
    result = deployed(compilations["queue"], site(Witness(), yes=True))
    assert (result.outcome, result.status) == ("unchanged", "CREATE_COMPLETE")
    assert len(endpoint.called("ExecuteChangeSet")) == before
    assert endpoint.called("DeleteChangeSet")


def test_a_change_of_the_application_changes_what_follows_from_it(
    endpoint: Endpoint, compilations: Mapping[str, Compilation]
) -> None:
    """Another application means another key, another version and its digest, and nothing else."""
    deployed(compilations["alone"], site(Witness(), yes=True))
    witness = Witness()
    assert deployed(compilations["changed"], site(witness, yes=True)).outcome == "done"
    changed = {change.logical_id: change for change in witness.plans[0].changes.resources}
    paths = {each.path for each in changed["HelloFunction"].properties}
    assert paths == {"/Properties/Code/S3Key", "/Properties/Description"}, paths
    assert len(endpoint.called("ExecuteChangeSet")) == 2
    others = {name for name in changed if not name.startswith("HelloFunctionVersion")} - {"HelloFunction"}
    assert others <= {"HelloFunctionAlias", "HelloFunctionUrl"}, others


def test_an_unmade_plan_leaves_nothing(endpoint: Endpoint, compilations: Mapping[str, Compilation]) -> None:
    """Declined, a deployment of a new stack leaves neither a change set nor a stack under review."""
    witness = Witness("no")
    deployed_ = deployed(compilations["alone"], site(witness))
    assert deployed_.outcome == "declined"
    endpoint.settle()
    assert [stack for stack in endpoint.stacks if stack.status != "DELETE_COMPLETE"] == []


def test_a_plan_is_kept_and_executed_as_it_was(endpoint: Endpoint, compilations: Mapping[str, Compilation]) -> None:
    """--plan keeps the change set; --change-set executes that one, and makes none."""
    from omegac.operations.deploy import Manner, deploy, of_change_set

    planned = deployed(compilations["queue"], site(Witness(), yes=True), plan_only=True)
    assert planned.outcome == "planned"
    assert planned.change_set
    folder = compilations["queue"].spec.folder
    witness = Witness()
    where = site(witness, yes=True)
    result = deploy(where, of_change_set("shop", planned.change_set, folder), Manner())
    assert (result.outcome, result.status) == ("done", "CREATE_COMPLETE"), witness.heard
    assert len(endpoint.called("CreateChangeSet")) == 1
    with pytest.raises(Rejected) as rejected:
        deploy(where, of_change_set("shop", planned.change_set, folder), Manner())
    assert [each.code for each in rejected.value.diagnostics] == ["OM6105"]


def test_a_reviewed_change_set_is_never_replaced(endpoint: Endpoint, compilations: Mapping[str, Compilation]) -> None:
    """A stack that changes after the review makes the change set obsolete, and it is refused."""
    from omegac.operations.deploy import Manner, deploy, of_change_set

    endpoint.script.keep_obsolete = True
    deployed(compilations["alone"], site(Witness(), yes=True))
    planned = deployed(compilations["queue"], site(Witness(), yes=True), plan_only=True)
    deployed(compilations["changed"], site(Witness(), yes=True))
    with pytest.raises(Rejected) as rejected:
        deploy(
            site(Witness(), yes=True),
            of_change_set("shop", planned.change_set or "", compilations["queue"].spec.folder),
            Manner(),
        )
    assert [each.code for each in rejected.value.diagnostics] == ["OM6105"]


def test_a_stack_that_moves_is_planned_anew(endpoint: Endpoint, compilations: Mapping[str, Compilation]) -> None:
    """Somebody who deploys between plan and execution makes the plan obsolete; a new one is made and shown."""
    deployed(compilations["alone"], site(Witness(), yes=True))
    endpoint.script.keep_obsolete = True
    table = compilations["table"].template
    endpoint.before("ExecuteChangeSet", lambda: endpoint.stack("shop", "UPDATE_COMPLETE", template=table))
    witness = Witness()
    result = deployed(compilations["queue"], site(witness, yes=True, named=("Orders",)))
    assert result.outcome == "done", witness.heard
    assert len(witness.plans) == 2
    assert [change.logical_id for change in witness.plans[1].changes.at_risk] == ["Orders"]


def test_others_who_never_rest_are_not_waited_for(endpoint: Endpoint, compilations: Mapping[str, Compilation]) -> None:
    """A stack that changes under every plan is given up."""
    deployed(compilations["alone"], site(Witness(), yes=True))
    endpoint.fault(
        "ExecuteChangeSet",
        "validation",
        times=99,
        text="Stack:shop is in UPDATE_IN_PROGRESS state and can not be updated.",
    )
    with pytest.raises(Rejected) as rejected:
        deployed(compilations["queue"], site(Witness(), yes=True))
    assert [each.code for each in rejected.value.diagnostics] == ["OM6107"]


def test_a_failure_is_told_at_its_line(endpoint: Endpoint, compilations: Mapping[str, Compilation]) -> None:
    """What fails is rolled back, and told by its first cause at the line of the spec."""
    endpoint.fail("Queue", during="create", reason="Queue already exists")
    witness = Witness()
    result = deployed(compilations["queue"], site(witness, yes=True))
    assert (result.outcome, result.status) == ("failed", "ROLLBACK_COMPLETE")
    (found,) = [record.diagnostic for record in witness.heard if isinstance(record, Found)]
    assert found.code == "OM6201"
    assert found.span
    assert found.span.source.name == "omega.yaml"
    assert "Queue" in found.span.source.line(found.span.line)


def test_data_is_lost_only_by_name(endpoint: Endpoint, compilations: Mapping[str, Compilation]) -> None:
    """--yes is no consent to the loss of data; the name is."""
    staged(endpoint, "CREATE_COMPLETE", compilations["table"])
    with pytest.raises(Rejected) as rejected:
        deployed(compilations["alone"], site(Witness(), yes=True))
    assert [each.code for each in rejected.value.diagnostics] == ["OM6104"]
    assert endpoint.called("ExecuteChangeSet") == []
    assert deployed(compilations["alone"], site(Witness(), yes=True, named=("Orders",))).outcome == "done"


@pytest.mark.parametrize("tags", [{}, {SERVICE_TAG: "other"}])
def test_a_stack_of_others_is_left_alone(
    tags: Mapping[str, str], endpoint: Endpoint, compilations: Mapping[str, Compilation]
) -> None:
    """A stack without the service's tag is refused before anything is written; --adopt takes it over."""
    staged(endpoint, "CREATE_COMPLETE", compilations["alone"], tags=tags)
    with pytest.raises(Rejected) as rejected:
        deployed(compilations["queue"], site(Witness(), yes=True))
    assert [each.code for each in rejected.value.diagnostics] == ["OM6102"]
    assert endpoint.writes == []
    assert deployed(compilations["queue"], site(Witness(), yes=True), adopt=True).outcome == "done"
    assert endpoint.find("shop").deployment.tags[SERVICE_TAG] == "shop"


def test_protection_follows_the_stage(endpoint: Endpoint, compilations: Mapping[str, Compilation]) -> None:
    """`protect` sets termination protection after the deployment, and once."""
    deployed(compilations["alone"], site(Witness(), yes=True), protect=True)
    assert endpoint.find("shop").protected
    deployed(compilations["alone"], site(Witness(), yes=True), protect=True)
    assert len(endpoint.called("UpdateTerminationProtection")) == 1


@pytest.mark.parametrize("kind", ["throttling", "500", "503", "cut", "cut-body"])
@pytest.mark.parametrize("operation", ["DescribeStacks", "DescribeStackEvents"])
def test_failed_looks_do_not_fail_a_deployment(
    operation: str, kind: str, endpoint: Endpoint, compilations: Mapping[str, Compilation]
) -> None:
    """Looks that fail while an operation is followed are made again, and no event is lost."""
    endpoint.script.events_page = 2
    endpoint.before("ExecuteChangeSet", lambda: endpoint.fault(operation, kind, times=7))  # type: ignore[arg-type]
    witness = Witness()
    result = deployed(compilations["queue"], site(witness, yes=True))
    assert result.outcome == "done", (result, witness.codes)
    started = [event for event in witness.events if event.endswith("CREATE_COMPLETE")]
    assert len(started) == len(set(started)) == len(compilations["queue"].root.value["Resources"]) + 1


@pytest.mark.parametrize("kind", ["500", "cut"])
def test_an_execution_whose_answer_is_lost_is_followed(
    kind: str, endpoint: Endpoint, compilations: Mapping[str, Compilation]
) -> None:
    """An execution that has begun, though its answer was lost, is not begun again."""
    endpoint.fault("ExecuteChangeSet", kind, done=True)  # type: ignore[arg-type]
    result = deployed(compilations["queue"], site(Witness(), yes=True))
    assert result.outcome == "done"
    assert len(endpoint.called("ExecuteChangeSet")) == 1


def test_stale_and_disordered_answers_mislead_nobody(
    endpoint: Endpoint, compilations: Mapping[str, Compilation]
) -> None:
    """A stack that looks as it was before is not taken for one that has ended."""
    deployed(compilations["alone"], site(Witness(), yes=True))
    endpoint.before("ExecuteChangeSet", lambda: endpoint.fault("DescribeStacks", "stale", times=4))
    endpoint.before("ExecuteChangeSet", lambda: endpoint.fault("DescribeStackEvents", "disordered", times=4))
    witness = Witness()
    result = deployed(compilations["queue"], site(witness, yes=True))
    assert (result.outcome, result.status) == ("done", "UPDATE_COMPLETE")
    assert "Queue CREATE_COMPLETE" in witness.events


def test_events_that_may_not_be_read_are_done_without(
    endpoint: Endpoint, compilations: Mapping[str, Compilation]
) -> None:
    """Without the right to read events, the stack's own status tells the end."""
    endpoint.fault("DescribeStackEvents", "access-denied", times=99)
    for name in ("alone", "queue"):
        witness = Witness()
        result = deployed(compilations[name], site(witness, yes=True))
        assert result.outcome == "done", (result, witness.heard)
        assert any("DescribeStackEvents" in note for note in witness.notes)


def test_a_followed_stack_that_is_lost_sight_of_goes_on(
    endpoint: Endpoint, compilations: Mapping[str, Compilation]
) -> None:
    """Where nothing more is heard, that is said with the command that takes it up again."""
    endpoint.before("ExecuteChangeSet", lambda: endpoint.fault("DescribeStacks", "expired-token", times=99))
    with pytest.raises(Rejected) as rejected:
        deployed(compilations["queue"], site(Witness(), yes=True))
    (found,) = rejected.value.diagnostics
    assert found.code == "OM6205"
    assert "omegac events --stack shop --follow" in (found.hint or "")


def test_a_validation_is_told_at_its_place(endpoint: Endpoint, compilations: Mapping[str, Compilation]) -> None:
    """What CloudFormation's early validation refuses is told at the line that its path leads to."""
    endpoint.invalid("Queue", "AWS::SQS::Queue", "/Resources/Queue/Properties/SqsManagedSseEnabled", "not so")
    with pytest.raises(Rejected) as rejected:
        deployed(compilations["queue"], site(Witness(), yes=True))
    (found,) = rejected.value.diagnostics
    assert found.code == "OM6202"
    assert found.span
    assert "SqsManagedSseEnabled" in found.span.source.line(found.span.line)
    endpoint.settle()
    assert [stack for stack in endpoint.stacks if stack.status != "DELETE_COMPLETE"] == []


def test_without_describe_events_the_reason_is_told(
    endpoint: Endpoint, compilations: Mapping[str, Compilation]
) -> None:
    """Where validations may not be read, the change set's own reason is told."""
    endpoint.fault("DescribeEvents", "access-denied", times=9)
    endpoint.refuse_change_set("Template error: something is wrong")
    with pytest.raises(Rejected) as rejected:
        deployed(compilations["queue"], site(Witness(), yes=True))
    (found,) = rejected.value.diagnostics
    assert found.code == "OM6202"
    assert "something is wrong" in found.message


CONSOLE = """\
[    0.000000] Linux version 6.1
[   21.100000] cloud-init[1200]: omegac: line 64 failed: retry aws s3 cp "s3://$bucket/shop/1.zip" artifact.zip
[   21.200000] cloud-init[1200]: omegac: signalled FAILURE
[   21.300000] systemd[1]: Reached target cloud-init.target
"""


@pytest.mark.parametrize(
    "reason",
    [
        "Received 1 FAILURE signal(s) out of 1. i-0123456789abcdef0",
        "Failed to receive 1 resource signal(s) within the specified duration",
    ],
)
def test_an_instance_that_does_not_come_up_is_asked_why(
    reason: str, endpoint: Endpoint, compilations: Mapping[str, Compilation]
) -> None:
    """For a signal that did not come, the lines of the instance's console are shown that tell of a failure."""
    endpoint.fail("WebServerGroup", reason=reason)
    endpoint.consoles["i-0123456789abcdef0"] = CONSOLE
    endpoint.before(
        "DescribeAutoScalingGroups",
        lambda: endpoint.groups.update({name: ["i-0123456789abcdef0"] for name in names(endpoint)}),
    )
    witness = Witness()
    result = deployed(compilations["server"], site(witness, yes=True))
    assert result.outcome == "failed", result
    assert witness.codes == ["OM6203"]
    (console,) = [note for note in witness.notes if note.startswith("the console of i-0123456789abcdef0")]
    assert "omegac: line 64 failed" in console
    assert "Linux version" not in console


def names(endpoint: Endpoint) -> list[str]:
    """The physical names that Auto Scaling was asked for."""
    return [name for params in endpoint.called("DescribeAutoScalingGroups") for name in params["AutoScalingGroupNames"]]


def test_a_console_that_may_not_be_read_fails_nothing(
    endpoint: Endpoint, compilations: Mapping[str, Compilation]
) -> None:
    """Without the right to read consoles, that is said, and the failure is told all the same."""
    endpoint.fail("WebServerGroup", reason="Received 1 FAILURE signal(s) out of 1. i-0123456789abcdef0")
    endpoint.fault("GetConsoleOutput", "access-denied")
    witness = Witness()
    assert deployed(compilations["server"], site(witness, yes=True)).outcome == "failed"
    assert witness.codes == ["OM6203"]
    assert any("not to be had" in note for note in witness.notes)
