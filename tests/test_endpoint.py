"""The scripted endpoint, with boto3 as its client: what the tests of deploying take for AWS."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, HTTPClientError

from tests.endpoint import DIDNT_CONTAIN_CHANGES, NO_UPDATES, STATUSES, Endpoint

QUEUE = {"Type": "AWS::SQS::Queue"}
GROUP = {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "first"}}
ROLE = {"Type": "AWS::IAM::Role", "Properties": {}}


def named(name: Any, **more: Any) -> dict[str, Any]:
    """A parameter, as a resource with one value."""
    return {"Type": "AWS::SSM::Parameter", "Properties": {"Value": name}, **more}


def template(resources: dict[str, Any], **sections: Any) -> str:
    return json.dumps({"Resources": resources, **sections})


def given(**values: str) -> list[dict[str, str]]:
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]


@pytest.fixture(scope="module")
def server() -> Iterator[Endpoint]:
    with Endpoint() as endpoint:
        yield endpoint


@pytest.fixture
def endpoint(server: Endpoint) -> Endpoint:
    server.reset()
    return server


@pytest.fixture(scope="module")
def client(server: Endpoint) -> Callable[..., Any]:
    """Makes clients that try once."""
    session = boto3.Session("key", "secret")
    made: dict[tuple[str, str, int], Any] = {}

    def make(service: str, region: str = "us-east-1", attempts: int = 1) -> Any:
        key = (service, region, attempts)
        if key not in made:
            config = Config(retries={"mode": "standard", "total_max_attempts": attempts}, read_timeout=5)
            made[key] = session.client(service, region, endpoint_url=server.url, config=config)
        return made[key]

    return make


@pytest.fixture
def cfn(endpoint: Endpoint, client: Callable[..., Any]) -> Any:  # noqa: ARG001 (it begins anew)
    return client("cloudformation")


@pytest.fixture
def s3(endpoint: Endpoint, client: Callable[..., Any]) -> Any:  # noqa: ARG001 (it begins anew)
    return client("s3")


def refused(call: Callable[..., Any], **params: Any) -> tuple[str, str]:
    """The code and the message of a refusal."""
    with pytest.raises(ClientError) as caught:
        call(**params)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def planned(cfn: Any, body: str, kind: str = "UPDATE", stack: str = "demo", name: str = "change", **more: Any) -> Any:
    """A change set, described once it is no longer being created."""
    said = {"StackName": stack, "ChangeSetName": name}
    cfn.create_change_set(**said, ChangeSetType=kind, TemplateBody=body, **more)
    while True:
        found = cfn.describe_change_set(**said, IncludePropertyValues=True)
        if found["Status"] in {"CREATE_COMPLETE", "FAILED"}:
            return found


def begun(cfn: Any, body: str, kind: str = "UPDATE", *, execute: dict[str, Any] | None = None, **more: Any) -> None:
    """Has a change set of `demo` executed."""
    change_set = planned(cfn, body, kind, **more)
    assert change_set["Status"] == "CREATE_COMPLETE"
    cfn.execute_change_set(ChangeSetName=change_set["ChangeSetId"], **(execute or {}))


def status(cfn: Any, stack: str = "demo") -> str:
    return str(cfn.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"])


def seen(cfn: Any, stack: str = "demo") -> list[str]:
    """Each status of a stack that a client sees until it changes no more."""
    found = [status(cfn, stack)]
    while found[-1].endswith("_IN_PROGRESS"):
        if (now := status(cfn, stack)) != found[-1]:
            found.append(now)
    return found


def told(cfn: Any, stack: str = "demo") -> list[tuple[str, str]]:
    """Resources and their statuses, in the order of the events; what happened before the last operation left out."""
    events = cfn.describe_stack_events(StackName=stack)["StackEvents"]
    last = [event for event in events if event["OperationId"] == events[0]["OperationId"]]
    return [(event["LogicalResourceId"], event["ResourceStatus"]) for event in reversed(last)]


def reasons(cfn: Any, stack: str = "demo") -> dict[tuple[str, str], str]:
    events = cfn.describe_stack_events(StackName=stack)["StackEvents"]
    return {(e["LogicalResourceId"], e["ResourceStatus"]): e.get("ResourceStatusReason", "") for e in reversed(events)}


# Stacks


def test_absent_stack(cfn: Any) -> None:
    """A stack that is not there is refused in the words of each operation."""
    expected = ("ValidationError", "Stack with id demo does not exist")
    assert refused(cfn.describe_stacks, StackName="demo") == expected
    assert refused(cfn.get_template, StackName="demo") == expected
    assert refused(cfn.list_stack_resources, StackName="demo") == expected
    assert refused(cfn.describe_stack_events, StackName="demo")[1] == "Stack [demo] does not exist"
    body = {"StackName": "demo", "ChangeSetName": "c", "TemplateBody": template({"Q": QUEUE})}
    assert refused(cfn.create_change_set, **body)[1] == "Stack [demo] does not exist"
    cfn.delete_stack(StackName="demo")


@pytest.mark.parametrize("name", sorted(STATUSES))
def test_any_status(endpoint: Endpoint, cfn: Any, name: str) -> None:
    """A stack can be put there in each status that botocore knows."""
    found = endpoint.stack("demo", name, template=template({"Q": QUEUE}), tags={"a": "b"}, protected=True)
    told = cfn.describe_stacks(StackName=found.id)["Stacks"][0]
    assert (told["StackStatus"], told["Tags"]) == (name, [{"Key": "a", "Value": "b"}])
    assert told["EnableTerminationProtection"]


def test_statuses_are_botocores(endpoint: Endpoint, cfn: Any) -> None:
    """The statuses are those of botocore's model, all of them."""
    assert set(cfn.meta.service_model.shape_for("StackStatus").enum) == STATUSES
    with pytest.raises(ValueError, match="no status of a stack: DONE"):
        endpoint.stack("demo", "DONE")


def test_creation(endpoint: Endpoint, cfn: Any) -> None:
    """A stack is created by a change set, a tick at a time, resource after resource, and tells its outputs."""
    body = template(
        {"Queue": QUEUE, "Name": named({"Fn::GetAtt": ["Queue", "Arn"]})},
        Outputs={"Address": {"Value": {"Ref": "Queue"}, "Description": "where"}},
    )
    found = planned(cfn, body, "CREATE", Tags=[{"Key": "team", "Value": "x"}])
    assert [c["ResourceChange"]["Action"] for c in found["Changes"]] == ["Add", "Add"]
    assert status(cfn) == "REVIEW_IN_PROGRESS"
    cfn.execute_change_set(StackName="demo", ChangeSetName="change", ClientRequestToken="token")
    assert seen(cfn) == ["CREATE_IN_PROGRESS", "CREATE_COMPLETE"]
    assert told(cfn) == [
        ("demo", "CREATE_IN_PROGRESS"),
        ("Queue", "CREATE_IN_PROGRESS"),
        ("Queue", "CREATE_IN_PROGRESS"),
        ("Queue", "CREATE_COMPLETE"),
        ("Name", "CREATE_IN_PROGRESS"),
        ("Name", "CREATE_IN_PROGRESS"),
        ("Name", "CREATE_COMPLETE"),
        ("demo", "CREATE_COMPLETE"),
    ]
    stack = cfn.describe_stacks()["Stacks"][0]
    queue = cfn.describe_stack_resource(StackName="demo", LogicalResourceId="Queue")["StackResourceDetail"]
    output = {"OutputKey": "Address", "OutputValue": queue["PhysicalResourceId"], "Description": "where"}
    assert (stack["Outputs"], stack["Tags"]) == ([output], [{"Key": "team", "Value": "x"}])
    events = cfn.describe_stack_events(StackName="demo")["StackEvents"]
    assert {e.get("ClientRequestToken") for e in events} == {"token", None}
    assert [later["Timestamp"] > earlier["Timestamp"] for later, earlier in pairwise(events)] == [True] * 8
    assert endpoint.called("ExecuteChangeSet")[0]["ClientRequestToken"] == "token"
    assert [call.operation for call in endpoint.writes] == ["CreateChangeSet", "ExecuteChangeSet"]


def test_waiters(cfn: Any) -> None:
    """Botocore's own waiters come to their end."""
    wait = {"WaiterConfig": {"Delay": 0, "MaxAttempts": 20}}
    cfn.create_change_set(
        StackName="demo", ChangeSetName="change", ChangeSetType="CREATE", TemplateBody=template({"Q": QUEUE})
    )
    cfn.get_waiter("change_set_create_complete").wait(StackName="demo", ChangeSetName="change", **wait)
    cfn.execute_change_set(StackName="demo", ChangeSetName="change")
    cfn.get_waiter("stack_create_complete").wait(StackName="demo", **wait)
    cfn.delete_stack(StackName="demo")
    cfn.get_waiter("stack_delete_complete").wait(StackName="demo", **wait)


def test_failed_creation(endpoint: Endpoint, cfn: Any) -> None:
    """What fails to be created cancels what is being created beside it, and all that was created is deleted."""
    endpoint.fail("B", status="CREATE_FAILED", reason="no room", during="create")
    begun(cfn, template({"A": QUEUE, "B": QUEUE, "C": QUEUE, "D": {**QUEUE, "DependsOn": "B"}}), "CREATE")
    assert seen(cfn) == ["CREATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE"]
    why = reasons(cfn)
    assert why["B", "CREATE_FAILED"] == "no room"
    assert why["C", "CREATE_FAILED"] == "Resource creation cancelled"
    failed = "The following resource(s) failed to create: [B]. Rollback requested by user."
    assert why["demo", "ROLLBACK_IN_PROGRESS"] == failed
    assert ("A", "DELETE_COMPLETE") in why
    assert not [key for key in why if key[0] == "D"]
    body = {"StackName": "demo", "ChangeSetName": "c", "TemplateBody": template({"A": QUEUE})}
    assert refused(cfn.create_change_set, **body)[1].endswith("is in ROLLBACK_COMPLETE state and can not be updated.")


def test_failed_rollback_of_creation(endpoint: Endpoint, cfn: Any) -> None:
    """A rollback that fails leaves ROLLBACK_FAILED, and only deletion helps."""
    endpoint.fail("B")
    endpoint.fail("A", during="rollback", reason="it is in use")
    begun(cfn, template({"A": QUEUE, "B": {**QUEUE, "DependsOn": "A"}}), "CREATE")
    assert seen(cfn)[-1] == "ROLLBACK_FAILED"
    assert reasons(cfn)["A", "DELETE_FAILED"] == "it is in use"
    cfn.delete_stack(StackName="demo")
    endpoint.settle()
    assert endpoint.stacks[0].status == "DELETE_COMPLETE"


@pytest.mark.parametrize(
    ("more", "execute", "statuses"),
    [
        ({}, {"DisableRollback": True}, ["CREATE_IN_PROGRESS", "CREATE_FAILED"]),
        ({"OnStackFailure": "DO_NOTHING"}, {}, ["CREATE_IN_PROGRESS", "CREATE_FAILED"]),
        ({"OnStackFailure": "ROLLBACK"}, {}, ["CREATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE"]),
    ],
)
def test_choice_of_rollback(
    endpoint: Endpoint, cfn: Any, more: dict[str, Any], execute: dict[str, Any], statuses: list[str]
) -> None:
    """What becomes of a failed creation is the caller's choice."""
    endpoint.fail("A")
    begun(cfn, template({"A": QUEUE}), "CREATE", execute=execute, **more)
    assert seen(cfn) == statuses


def test_deletion_on_failure(endpoint: Endpoint, cfn: Any) -> None:
    """OnStackFailure DELETE leaves no stack, but for who knows its id."""
    endpoint.fail("A")
    begun(cfn, template({"A": QUEUE}), "CREATE", OnStackFailure="DELETE")
    stack = endpoint.find("demo").id
    assert seen(cfn, stack) == ["CREATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "DELETE_COMPLETE"]
    assert refused(cfn.describe_stacks, StackName="demo")[1] == "Stack with id demo does not exist"


def test_repair_of_failed_creation(endpoint: Endpoint, cfn: Any) -> None:
    """A creation that failed with its rollback disabled can be updated to completion."""
    body = template({"A": QUEUE, "B": {**QUEUE, "DependsOn": "A"}})
    endpoint.fail("B")
    begun(cfn, body, "CREATE", execute={"DisableRollback": True})
    assert seen(cfn)[-1] == "CREATE_FAILED"
    found = planned(cfn, body, name="repair")
    assert [(c["ResourceChange"]["LogicalResourceId"], c["ResourceChange"]["Action"]) for c in found["Changes"]] == [
        ("B", "Add")
    ]
    cfn.execute_change_set(StackName="demo", ChangeSetName="repair")
    assert seen(cfn) == ["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_COMPLETE"]


def test_update(endpoint: Endpoint, cfn: Any) -> None:
    """An update adds, changes, replaces, and at last removes; a replaced resource has another physical id."""
    endpoint.stack("demo", template=template({"Gone": QUEUE, "Group": GROUP, "Name": named("a"), "Same": QUEUE}))
    before = dict(endpoint.find("demo").resources)
    group = {**GROUP, "Properties": {"GroupDescription": "second"}}
    found = planned(cfn, template({"Group": group, "Name": named("b"), "New": QUEUE, "Same": QUEUE}))
    changes = [change["ResourceChange"] for change in found["Changes"]]
    assert [(c["LogicalResourceId"], c["Action"], c.get("Replacement"), c.get("PolicyAction")) for c in changes] == [
        ("Gone", "Remove", None, "Delete"),
        ("Group", "Modify", "True", "ReplaceAndDelete"),
        ("Name", "Modify", "False", None),
        ("New", "Add", None, None),
    ]
    cfn.execute_change_set(StackName="demo", ChangeSetName="change")
    assert seen(cfn) == ["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_COMPLETE"]
    after = endpoint.find("demo").resources
    assert after["Group"].physical_id != before["Group"].physical_id
    assert after["Name"].physical_id == before["Name"].physical_id
    assert "Gone" not in after
    events = told(cfn)
    assert events.index(("New", "CREATE_COMPLETE")) < events.index(("Gone", "DELETE_IN_PROGRESS"))
    assert ("Same", "UPDATE_IN_PROGRESS") not in events


def test_failed_update(endpoint: Endpoint, cfn: Any) -> None:
    """A failed update is rolled back: values and physical ids are what they were, what was new is deleted."""
    endpoint.stack("demo", template=template({"Group": GROUP, "Name": named("a")}))
    before = {id_: there.physical_id for id_, there in endpoint.find("demo").resources.items()}
    group = {**GROUP, "Properties": {"GroupDescription": "second"}}
    endpoint.fail("Name", status="UPDATE_FAILED", reason="bad value", during="update")
    begun(cfn, template({"Group": group, "Name": named("b", DependsOn=["Group", "New"]), "New": QUEUE}))
    assert seen(cfn) == [
        "UPDATE_IN_PROGRESS",
        "UPDATE_ROLLBACK_IN_PROGRESS",
        "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
        "UPDATE_ROLLBACK_COMPLETE",
    ]
    why = reasons(cfn)
    assert why["Name", "UPDATE_FAILED"] == "bad value"
    assert why["demo", "UPDATE_ROLLBACK_IN_PROGRESS"] == "The following resource(s) failed to update: [Name]."
    after = {id_: there.physical_id for id_, there in endpoint.find("demo").resources.items() if there.exists}
    assert after == before
    assert (
        "second" not in cfn.get_template(StackName="demo")["TemplateBody"]["Resources"]["Group"]["Properties"].values()
    )
    summaries = cfn.list_change_sets(StackName="demo")["Summaries"]
    assert [summary["ExecutionStatus"] for summary in summaries] == ["EXECUTE_FAILED"]


def test_failed_rollback_of_update(endpoint: Endpoint, cfn: Any) -> None:
    """A rollback that fails waits to be continued, with or without the resource that failed."""
    endpoint.stack("demo", template=template({"A": named("a"), "B": named("a")}))
    endpoint.fail("B", during="update")
    endpoint.fail("A", during="rollback", times=2)
    begun(cfn, template({"A": named("b"), "B": named("b", DependsOn="A")}))
    assert seen(cfn)[-1] == "UPDATE_ROLLBACK_FAILED"
    cfn.continue_update_rollback(StackName="demo")
    assert seen(cfn) == ["UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED"]
    assert (
        "not in UPDATE_FAILED state"
        in refused(cfn.continue_update_rollback, StackName="demo", ResourcesToSkip=["B"])[1]
    )
    cfn.continue_update_rollback(StackName="demo", ResourcesToSkip=["A"], ClientRequestToken="again")
    assert seen(cfn)[-1] == "UPDATE_ROLLBACK_COMPLETE"
    assert ("A", "UPDATE_COMPLETE") in told(cfn)


def test_continuing_a_staged_rollback(endpoint: Endpoint, cfn: Any) -> None:
    """A stack that was put there in UPDATE_ROLLBACK_FAILED can be rolled back from there."""
    body = template({"A": QUEUE, "B": QUEUE})
    endpoint.stack("demo", "UPDATE_ROLLBACK_FAILED", template=body, resources={"A": "UPDATE_FAILED"})
    cfn.continue_update_rollback(StackName="demo", ResourcesToSkip=["A"])
    assert seen(cfn)[-1] == "UPDATE_ROLLBACK_COMPLETE"


def test_update_without_rollback(endpoint: Endpoint, cfn: Any) -> None:
    """A failed update with its rollback disabled stays as it is until RollbackStack is called."""
    endpoint.stack("demo", template=template({"A": named("a")}))
    endpoint.fail("A")
    begun(cfn, template({"A": named("b"), "B": {**QUEUE, "DependsOn": "A"}}), execute={"DisableRollback": True})
    assert seen(cfn) == ["UPDATE_IN_PROGRESS", "UPDATE_FAILED"]
    cfn.rollback_stack(StackName="demo")
    assert seen(cfn)[-1] == "UPDATE_ROLLBACK_COMPLETE"
    assert "can not be rolled back" in refused(cfn.rollback_stack, StackName="demo")[1]


def test_cancelled_update(endpoint: Endpoint, cfn: Any) -> None:
    """An update that is cancelled is rolled back; nothing else can be cancelled."""
    endpoint.stack("demo", template=template({"A": named("a")}))
    endpoint.hold("A")
    begun(cfn, template({"A": named("b")}))
    endpoint.tick(20)
    assert status(cfn) == "UPDATE_IN_PROGRESS"
    cfn.cancel_update_stack(StackName="demo")
    assert seen(cfn)[-1] == "UPDATE_ROLLBACK_COMPLETE"
    assert reasons(cfn)["A", "UPDATE_FAILED"] == "Resource update cancelled"
    refusal = refused(cfn.cancel_update_stack, StackName="demo")
    assert refusal[1] == "CancelUpdateStack cannot be called from current stack status"


@pytest.mark.parametrize(("signal", "end"), [("SUCCESS", "CREATE_COMPLETE"), ("FAILURE", "ROLLBACK_COMPLETE")])
def test_signals(endpoint: Endpoint, cfn: Any, signal: str, end: str) -> None:
    """A resource that is held waits for a signal, and goes as that says."""
    endpoint.hold("A")
    begun(cfn, template({"A": QUEUE}), "CREATE")
    endpoint.tick(20)
    cfn.signal_resource(StackName="demo", LogicalResourceId="A", UniqueId="i-1", Status=signal)
    assert seen(cfn)[-1] == end


def test_deletion(endpoint: Endpoint, cfn: Any) -> None:
    """A deletion keeps what is to be retained; afterwards the stack is known by its id alone."""
    body = template({"A": QUEUE, "Kept": {**QUEUE, "DeletionPolicy": "Retain"}})
    stack = endpoint.stack("demo", template=body, protected=True)
    message = "Stack [demo] cannot be deleted while TerminationProtection is enabled"
    assert refused(cfn.delete_stack, StackName="demo") == ("ValidationError", message)
    cfn.update_termination_protection(StackName="demo", EnableTerminationProtection=False)
    cfn.delete_stack(StackName="demo", ClientRequestToken="gone")
    assert seen(cfn, stack.id) == ["DELETE_IN_PROGRESS", "DELETE_COMPLETE"]
    assert {("A", "DELETE_COMPLETE"), ("Kept", "DELETE_SKIPPED")} <= set(told(cfn, stack.id))
    assert cfn.describe_stacks()["Stacks"] == []
    assert refused(cfn.describe_stacks, StackName="demo")[1] == "Stack with id demo does not exist"


def test_failed_deletion(endpoint: Endpoint, cfn: Any) -> None:
    """A deletion that failed can be repeated without the resource, or by force; not before it has failed."""
    for name, more in (("demo", {"RetainResources": ["A"]}), ("other", {"DeletionMode": "FORCE_DELETE_STACK"})):
        stack = endpoint.stack(name, template=template({"A": QUEUE, "B": QUEUE}))
        assert (
            "only when the stack is in the DELETE_FAILED state" in refused(cfn.delete_stack, StackName=name, **more)[1]
        )
        endpoint.fail("A", reason="not empty", times=2 if name == "other" else 1)
        cfn.delete_stack(StackName=name)
        assert seen(cfn, stack.id)[-1] == "DELETE_FAILED"
        cfn.delete_stack(StackName=name, **more)
        assert seen(cfn, stack.id)[-1] == "DELETE_COMPLETE"


@pytest.mark.parametrize("name", ["UPDATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS"])
def test_busy_stack(endpoint: Endpoint, cfn: Any, name: str) -> None:
    """A stack with which something goes on is neither updated nor deleted, until it has taken its course."""
    stack = endpoint.stack("demo", name, then=["UPDATE_ROLLBACK_COMPLETE"])
    said = {"StackName": "demo", "ChangeSetName": "c", "TemplateBody": template({"A": QUEUE})}
    message = f"Stack:{stack.id} is in {name} state and can not be updated."
    assert refused(cfn.create_change_set, **said) == ("ValidationError", message)
    assert f"cannot be deleted while in status {name}" in refused(cfn.delete_stack, StackName="demo")[1]
    assert seen(cfn) == [name, "UPDATE_ROLLBACK_COMPLETE"]


def test_nested_stacks(endpoint: Endpoint, cfn: Any, s3: Any) -> None:
    """A stack that is a resource has events of its own, and its failure is its parent's."""
    endpoint.bucket("templates")
    inner = template({"A": named({"Ref": "Word"})}, Parameters={"Word": {"Type": "String"}})
    s3.put_object(Bucket="templates", Key="inner.json", Body=inner)
    properties = {"TemplateURL": f"{endpoint.url}/templates/inner.json", "Parameters": {"Word": "x"}}
    outer = template({"Inner": {"Type": "AWS::CloudFormation::Stack", "Properties": properties}})
    begun(cfn, outer, "CREATE")
    assert seen(cfn)[-1] == "CREATE_COMPLETE"
    child = endpoint.find("demo").resources["Inner"].physical_id
    found = cfn.describe_stacks(StackName=child)["Stacks"][0]
    assert (found["StackStatus"], found["ParentId"]) == ("CREATE_COMPLETE", endpoint.find("demo").id)
    assert ("A", "CREATE_COMPLETE") in told(cfn, child)
    cfn.delete_stack(StackName="demo")
    endpoint.settle()
    assert {stack.status for stack in endpoint.stacks} == {"DELETE_COMPLETE"}
    endpoint.fail("A", reason="inner trouble")
    begun(cfn, outer, "CREATE")
    assert seen(cfn)[-1] == "ROLLBACK_COMPLETE"
    assert "failed to create: [A]" in reasons(cfn)["Inner", "CREATE_FAILED"]


def test_rollback_of_nested_stacks(endpoint: Endpoint, cfn: Any, s3: Any) -> None:
    """A stack that is a resource is rolled back with its parent, though it was updated without a fault."""
    endpoint.bucket("templates")
    inner = template({"A": named({"Ref": "Word"})}, Parameters={"Word": {"Type": "String"}})
    s3.put_object(Bucket="templates", Key="inner.json", Body=inner)

    def outer(word: str) -> str:
        properties = {"TemplateURL": f"{endpoint.url}/templates/inner.json", "Parameters": {"Word": word}}
        nested = {"Type": "AWS::CloudFormation::Stack", "Properties": properties}
        return template({"Inner": nested, "Late": named(word, DependsOn="Inner")})

    begun(cfn, outer("old"), "CREATE")
    endpoint.settle()
    child = endpoint.find("demo").resources["Inner"].physical_id
    endpoint.fail("Late", during="update")
    begun(cfn, outer("new"), name="update")
    assert seen(cfn)[-1] == "UPDATE_ROLLBACK_COMPLETE"
    assert seen(cfn, child) == ["UPDATE_ROLLBACK_COMPLETE"]
    assert cfn.describe_stacks(StackName=child)["Stacks"][0]["Parameters"] == given(Word="old")


# Change sets


def test_nested_change_sets(endpoint: Endpoint, cfn: Any, s3: Any) -> None:
    """With IncludeNestedStacks, a nested stack's change has a change set of its own, executed with the root's alone."""
    endpoint.bucket("templates")

    def outer(word: str) -> str:
        s3.put_object(Bucket="templates", Key=f"{word}.json", Body=template({"A": named(word)}))
        properties = {"TemplateURL": f"{endpoint.url}/templates/{word}.json"}
        return template({"Inner": {"Type": "AWS::CloudFormation::Stack", "Properties": properties}})

    begun(cfn, outer("old"), "CREATE")
    endpoint.settle()
    assert "ChangeSetId" not in planned(cfn, outer("new"), name="alone")["Changes"][0]["ResourceChange"]
    root = planned(cfn, outer("new"), name="nested", IncludeNestedStacks=True)
    own = root["Changes"][0]["ResourceChange"]["ChangeSetId"]
    found = cfn.describe_change_set(ChangeSetName=own)
    assert (root["IncludeNestedStacks"], found["IncludeNestedStacks"]) == (True, True)
    assert (found["ParentChangeSetId"], found["RootChangeSetId"]) == (root["ChangeSetId"], root["ChangeSetId"])
    assert [change["ResourceChange"]["LogicalResourceId"] for change in found["Changes"]] == ["A"]
    for call in (cfn.execute_change_set, cfn.delete_change_set):
        assert refused(call, ChangeSetName=own)[0] == "InvalidChangeSetStatus"
    cfn.delete_change_set(ChangeSetName=root["ChangeSetId"])
    assert refused(cfn.describe_change_set, ChangeSetName=own)[0] == "ChangeSetNotFound"


def test_no_changes(endpoint: Endpoint, cfn: Any) -> None:
    """A change set without changes fails, in either of the two ways to say so; other outputs are a change."""
    body = template({"A": QUEUE})
    endpoint.stack("demo", template=body)
    found = planned(cfn, body)
    assert (found["Status"], found["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")
    assert found["StatusReason"] == DIDNT_CONTAIN_CHANGES
    endpoint.script.no_change = NO_UPDATES
    assert planned(cfn, body, name="second")["StatusReason"] == NO_UPDATES
    code, message = refused(cfn.execute_change_set, StackName="demo", ChangeSetName="second")
    assert (code, message.rpartition(" ")[2]) == ("InvalidChangeSetStatus", "[FAILED]")
    outputs = template({"A": QUEUE}, Outputs={"O": {"Value": "x"}})
    assert planned(cfn, outputs, name="third")["Status"] == "CREATE_COMPLETE"


def test_parameter_change(endpoint: Endpoint, cfn: Any) -> None:
    """A parameter that changes a property is its cause, and the values before and after are told, if asked for."""
    body = template({"A": named({"Fn::Sub": "${Word}!"})}, Parameters={"Word": {"Type": "String"}})
    endpoint.stack("demo", template=body, parameters={"Word": "old"})
    change = planned(cfn, body, Parameters=given(Word="new"))["Changes"][0]["ResourceChange"]
    target = {
        "Attribute": "Properties",
        "Name": "Value",
        "RequiresRecreation": "Never",
        "Path": "/Properties/Value",
        "BeforeValue": "old!",
        "AfterValue": "new!",
        "AttributeChangeType": "Modify",
    }
    assert change["Details"] == [
        {"Target": target, "Evaluation": "Static", "ChangeSource": "ParameterReference", "CausingEntity": "Word"},
        {"Target": target, "Evaluation": "Dynamic", "ChangeSource": "DirectModification"},
    ]
    assert json.loads(change["AfterContext"]) == {"Properties": {"Value": "new!"}}
    short = cfn.describe_change_set(StackName="demo", ChangeSetName="change")["Changes"][0]["ResourceChange"]
    assert "AfterContext" not in short
    assert short["Details"][0]["Target"] == {
        "Attribute": "Properties",
        "Name": "Value",
        "RequiresRecreation": "Never",
    }


def test_changes_that_follow(endpoint: Endpoint, cfn: Any) -> None:
    """What refers to a resource that is replaced changes with it, and its value is not known before."""
    instance = {"Type": "AWS::EC2::Instance", "Properties": {"SecurityGroupIds": [{"Ref": "Group"}]}}
    endpoint.stack("demo", template=template({"Group": GROUP, "Server": instance}))
    group = {**GROUP, "Properties": {"GroupDescription": "second"}}
    changes = [c["ResourceChange"] for c in planned(cfn, template({"Group": group, "Server": instance}))["Changes"]]
    detail = changes[1]["Details"][0]
    assert (detail["ChangeSource"], detail["CausingEntity"], detail["Evaluation"]) == (
        "ResourceReference",
        "Group",
        "Dynamic",
    )
    assert detail["Target"]["AfterValue"] == "{{changeSet:KNOWN_AFTER_APPLY}}"


def test_previous_values(endpoint: Endpoint, cfn: Any) -> None:
    """The template and the values that are there can be used again."""
    body = template(
        {"A": named({"Ref": "Word"}), "B": named({"Ref": "Other"})},
        Parameters={
            "Word": {"Type": "String"},
            "Other": {"Type": "String", "Default": "d"},
        },
    )
    endpoint.stack("demo", template=body, parameters={"Word": "old"})
    previous = [{"ParameterKey": "Word", "UsePreviousValue": True}, *given(Other="new")]
    cfn.create_change_set(StackName="demo", ChangeSetName="c", UsePreviousTemplate=True, Parameters=previous)
    endpoint.tick(2)
    found = cfn.describe_change_set(StackName="demo", ChangeSetName="c")
    assert [c["ResourceChange"]["LogicalResourceId"] for c in found["Changes"]] == ["B"]
    assert found["Parameters"] == given(Word="old", Other="new")


def test_parameters_that_are_not_told(endpoint: Endpoint, cfn: Any) -> None:
    """A secret is masked, and what the parameter store holds is told as it was resolved."""
    image = "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>"
    endpoint.images["/image"] = "ami-1"
    body = template(
        {"A": named({"Ref": "Key"}), "B": named({"Ref": "Image"})},
        Parameters={
            "Key": {"Type": "String", "NoEcho": True},
            "Image": {"Type": image, "Default": "/image"},
        },
    )
    found = planned(cfn, body, "CREATE", Parameters=given(Key="hush"))
    assert found["Parameters"] == [
        *given(Key="****"),
        {"ParameterKey": "Image", "ParameterValue": "/image", "ResolvedValue": "ami-1"},
    ]
    contexts = [json.loads(c["ResourceChange"]["AfterContext"])["Properties"]["Value"] for c in found["Changes"]]
    assert contexts == ["****", "ami-1"]


def test_change_sets_of_a_stack(endpoint: Endpoint, cfn: Any) -> None:
    """An execution leaves no other change set to be executed; one can be deleted, and its name used once."""
    endpoint.stack("demo", template=template({"A": named("a")}))
    endpoint.script.keep_obsolete = True
    for name in ("one", "two"):
        planned(cfn, template({"A": named(name)}), name=name)
    body = {"StackName": "demo", "ChangeSetName": "one", "TemplateBody": template({"A": named("other")})}
    message = "ChangeSet one cannot be created due to a mismatch with existing attribute Template"
    assert refused(cfn.create_change_set, **body) == ("AlreadyExistsException", message)
    cfn.execute_change_set(StackName="demo", ChangeSetName="one")
    assert "[EXECUTE_IN_PROGRESS]" in refused(cfn.delete_change_set, StackName="demo", ChangeSetName="one")[1]
    assert seen(cfn)[-1] == "UPDATE_COMPLETE"
    code, message = refused(cfn.execute_change_set, StackName="demo", ChangeSetName="two")
    assert (code, message.rpartition(" ")[2]) == ("InvalidChangeSetStatus", "[OBSOLETE]")
    cfn.delete_change_set(StackName="demo", ChangeSetName="two")
    summaries = cfn.list_change_sets(StackName="demo")["Summaries"]
    assert [(s["ChangeSetName"], s["ExecutionStatus"]) for s in summaries] == [("one", "EXECUTE_COMPLETE")]
    missing = ("ChangeSetNotFound", "ChangeSet [two] does not exist")
    assert refused(cfn.describe_change_set, StackName="demo", ChangeSetName="two") == missing


def test_stack_that_changes_under_us(endpoint: Endpoint, cfn: Any) -> None:
    """What a hook changes just before an execution makes the change set obsolete."""
    endpoint.stack("demo", template=template({"A": named("a")}))
    planned(cfn, template({"A": named("b")}))
    endpoint.before("ExecuteChangeSet", lambda: endpoint.stack("demo", template=template({"A": named("c")})))
    said = {"StackName": "demo", "ChangeSetName": "change"}
    assert refused(cfn.execute_change_set, **said)[0] == "InvalidChangeSetStatus"


def test_kind_of_change_set(endpoint: Endpoint, cfn: Any) -> None:
    """A stack is created once; one under review has still to be."""
    body = template({"A": QUEUE})
    planned(cfn, body, "CREATE")
    cfn.delete_change_set(StackName="demo", ChangeSetName="change")
    assert status(cfn) == "REVIEW_IN_PROGRESS"
    said = {"StackName": "demo", "TemplateBody": body}
    assert "REVIEW_IN_PROGRESS" in refused(cfn.create_change_set, ChangeSetName="u", ChangeSetType="UPDATE", **said)[1]
    begun(cfn, body, "CREATE")
    endpoint.settle()
    code, message = refused(cfn.create_change_set, ChangeSetName="c", ChangeSetType="CREATE", **said)
    assert code == "AlreadyExistsException"
    assert message == "Stack [demo] already exists and cannot be created again with the changeSet [c]."


def test_pages(endpoint: Endpoint, cfn: Any) -> None:
    """Changes, resources and events come in pages, and events that come meanwhile do not shift them."""
    endpoint.script.changes_page = endpoint.script.resources_page = endpoint.script.events_page = 3
    body = template({f"Q{number}": QUEUE for number in range(7)})
    begun(cfn, body, "CREATE")
    changes = cfn.get_paginator("describe_change_set").paginate(StackName="demo", ChangeSetName="change")
    assert [len(page["Changes"]) for page in changes] == [3, 3, 1]
    pages = cfn.get_paginator("describe_stack_events").paginate(StackName="demo")
    first = [event["EventId"] for page in pages for event in page["StackEvents"]]
    assert len(first) == len(set(first)) > 6
    resources = cfn.get_paginator("list_stack_resources").paginate(StackName="demo")
    assert [len(page["StackResourceSummaries"]) for page in resources] == [3, 3, 1]


# Templates


ROLE_NAMED = {**ROLE, "Properties": {"RoleName": "me"}}
WORD = {"Parameters": {"Word": {"Type": "String", "AllowedValues": ["a", "b"]}}}
LOWER = {"Parameters": {"Word": {"Type": "String", "AllowedPattern": "[a-z]+"}}}
CIRCLE = {"A": {**QUEUE, "DependsOn": "B"}, "B": named({"Ref": "A"})}


@pytest.mark.parametrize(
    ("body", "more", "message"),
    [
        ("{", {}, "Template format error: JSON not well-formed. (line 1, column 2)"),
        ("{}", {}, "Template format error: At least one Resources member must be defined."),
        (template({"A": named("x" * 51200)}), {}, "Member must have length less than or equal to 51200"),
        (template({"R": ROLE}), {}, "Requires capabilities : [CAPABILITY_IAM]"),
        (
            template({"R": ROLE_NAMED}),
            {"Capabilities": ["CAPABILITY_IAM"]},
            "Requires capabilities : [CAPABILITY_NAMED_IAM]",
        ),
        (
            template({"A": named({"Ref": "Nope"})}),
            {},
            "Template format error: Unresolved resource dependencies [Nope] in the Resources block of the template",
        ),
        (
            template({"A": named({"Fn::GetAtt": ["Nope", "Arn"]})}),
            {},
            "Template error: instance of Fn::GetAtt references undefined resource Nope",
        ),
        (template(CIRCLE), {}, "Circular dependency between resources: [A, B]"),
        (template({"A": QUEUE}, **WORD), {}, "Parameters: [Word] must have values"),
        (template({"A": QUEUE}), {"Parameters": given(No="x")}, "Parameters: [No] do not exist in the template"),
        (
            template({"A": QUEUE}, **WORD),
            {"Parameters": given(Word="c")},
            "Parameter 'Word' must be one of AllowedValues",
        ),
        (
            template({"A": QUEUE}, **LOWER),
            {"Parameters": given(Word="UP")},
            "Parameter 'Word' must match pattern [a-z]+",
        ),
    ],
)
def test_refused_templates(cfn: Any, body: str, more: dict[str, Any], message: str) -> None:
    """A template that cannot be deployed is refused at once, and leaves no stack."""
    said = {"StackName": "demo", "ChangeSetName": "c", "ChangeSetType": "CREATE", "TemplateBody": body}
    assert refused(cfn.create_change_set, **said, **more)[1].endswith(message)
    assert cfn.describe_stacks()["Stacks"] == []


def test_template_by_address(endpoint: Endpoint, cfn: Any, s3: Any) -> None:
    """A template over the limit is taken from S3, and told back as it was written."""
    body = template({f"A{number}": named("x" * 900) for number in range(70)})
    endpoint.bucket("templates")
    s3.put_object(Bucket="templates", Key="big.json", Body=body)
    said = {"StackName": "demo", "ChangeSetName": "c", "ChangeSetType": "CREATE"}
    for url in ("https://s3.us-east-1.amazonaws.com/templates/big.json", "https://templates.s3.amazonaws.com/big.json"):
        assert cfn.validate_template(TemplateURL=url)["Parameters"] == []
    cfn.create_change_set(**said, TemplateURL=f"{endpoint.url}/templates/big.json")
    assert cfn.get_template(StackName="demo", ChangeSetName="c")["TemplateBody"] == json.loads(body)
    assert refused(cfn.validate_template, TemplateURL=f"{endpoint.url}/templates/no.json")[0] == "ValidationError"


def test_template_summary(cfn: Any) -> None:
    """A template's parameters, types and capabilities are told without a stack."""
    body = template({"R": ROLE, "A": QUEUE}, **WORD)
    found = cfn.get_template_summary(TemplateBody=body)
    assert found["ResourceTypes"] == ["AWS::IAM::Role", "AWS::SQS::Queue"]
    assert found["Parameters"][0]["ParameterConstraints"] == {"AllowedValues": ["a", "b"]}
    assert cfn.validate_template(TemplateBody=body)["Capabilities"] == ["CAPABILITY_IAM"]


# Events by operation


def test_validation_events(endpoint: Endpoint, cfn: Any) -> None:
    """What is invalid makes a change set fail, and is told by the newer call alone, with its place in the template."""
    path = "/Resources/Bucket/Properties/BucketName"
    reason = "Resource of type 'AWS::S3::Bucket' with identifier 'b' already exists."
    endpoint.invalid("Bucket", "AWS::S3::Bucket", path, reason, name="NAME_CONFLICT_VALIDATION")
    body = template({"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "b"}}})
    found = planned(cfn, body, "CREATE")
    assert "[AWS::EarlyValidation::ResourceExistenceCheck]" in found["StatusReason"]
    events = cfn.describe_events(ChangeSetName=found["ChangeSetId"], Filters={"FailedEvents": True})["OperationEvents"]
    assert [(e["EventType"], e["ValidationPath"], e["ValidationStatusReason"]) for e in events] == [
        ("VALIDATION_ERROR", path, reason)
    ]
    assert "Bucket" not in dict(told(cfn))
    assert refused(cfn.describe_events, ChangeSetName="change")[1].endswith("must be specified")


def test_failed_events(endpoint: Endpoint, cfn: Any) -> None:
    """The events of an operation can be had, all of them or the failed ones."""
    endpoint.fail("A", reason="no")
    begun(cfn, template({"A": QUEUE}), "CREATE")
    endpoint.settle()
    failed = cfn.describe_events(StackName="demo", Filters={"FailedEvents": True})["OperationEvents"]
    assert [(e["LogicalResourceId"], e["EventType"]) for e in failed] == [("A", "PROVISIONING_ERROR")]
    operation = cfn.describe_events(OperationId=failed[0]["OperationId"])["OperationEvents"]
    assert {e["OperationType"] for e in operation} == {"CREATE_STACK"}


# Faults


@pytest.mark.parametrize(
    ("kind", "code", "http_status"),
    [
        ("throttling", "Throttling", 400),
        ("500", "InternalFailure", 500),
        ("503", "ServiceUnavailable", 503),
        ("access-denied", "AccessDenied", 403),
        ("expired-token", "ExpiredToken", 403),
        ("unknown-operation", "InvalidAction", 400),
        ("validation", "ValidationError", 400),
    ],
)
def test_refusals(endpoint: Endpoint, cfn: Any, kind: Any, code: str, http_status: int) -> None:
    """A scripted refusal meets the next calls of its operation, and no others."""
    endpoint.stack("demo")
    endpoint.fault("DescribeStacks", kind, times=1, after=1)
    assert status(cfn) == "CREATE_COMPLETE"
    cfn.list_stack_resources(StackName="demo")
    with pytest.raises(ClientError) as caught:
        cfn.describe_stacks()
    assert caught.value.response["Error"]["Code"] == code
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == http_status
    assert status(cfn) == "CREATE_COMPLETE"


def test_denied_call_is_named(endpoint: Endpoint, cfn: Any) -> None:
    """AWS's message names what was not allowed."""
    endpoint.fault("DescribeEvents", "access-denied")
    assert "not authorized to perform: cloudformation:DescribeEvents" in refused(cfn.describe_events, StackName="x")[1]


def test_cut_connections(endpoint: Endpoint, cfn: Any) -> None:
    """A connection is closed without an answer, or within one; the next call is served."""
    endpoint.stack("demo")
    endpoint.fault("DescribeStacks", "cut")
    endpoint.fault("DescribeStacks", "cut-body")
    with pytest.raises(ConnectionClosedError):
        cfn.describe_stacks()
    with pytest.raises(HTTPClientError):
        cfn.describe_stacks()
    assert status(cfn) == "CREATE_COMPLETE"


def test_lost_answer(endpoint: Endpoint, client: Callable[..., Any]) -> None:
    """A call whose answer is lost has been carried out, so that its repetition is another call."""
    cfn = client("cloudformation", attempts=3)
    planned(cfn, template({"A": QUEUE}), "CREATE")
    endpoint.fault("ExecuteChangeSet", "500", done=True)
    code, message = refused(cfn.execute_change_set, StackName="demo", ChangeSetName="change")
    assert (code, message.rpartition(" ")[2]) == ("InvalidChangeSetStatus", "[EXECUTE_IN_PROGRESS]")
    assert len(endpoint.called("ExecuteChangeSet")) == 2


def test_slow_answer(endpoint: Endpoint, cfn: Any) -> None:
    """A slow call takes as long as it was told to."""
    endpoint.fault("DescribeStacks", "slow", seconds=0.05)
    started = time.monotonic()
    cfn.describe_stacks()
    assert time.monotonic() - started >= 0.05


def test_stale_answers(endpoint: Endpoint, cfn: Any) -> None:
    """A stale answer is what was true before the last change, and moves nothing on."""
    body = template({"A": QUEUE})
    cfn.create_change_set(StackName="demo", ChangeSetName="c", ChangeSetType="CREATE", TemplateBody=body)
    endpoint.fault("DescribeStacks", "stale")
    assert refused(cfn.describe_stacks, StackName="demo")[1] == "Stack with id demo does not exist"
    endpoint.settle()
    cfn.execute_change_set(StackName="demo", ChangeSetName="c")
    endpoint.fault("DescribeStacks", "stale", times=2)
    assert [status(cfn) for _ in range(3)] == ["REVIEW_IN_PROGRESS", "REVIEW_IN_PROGRESS", "CREATE_IN_PROGRESS"]


def test_disordered_events(endpoint: Endpoint, cfn: Any) -> None:
    """Events that come out of order are all there."""
    begun(cfn, template({"A": QUEUE}), "CREATE")
    endpoint.settle()
    ordered = [event["EventId"] for event in cfn.describe_stack_events(StackName="demo")["StackEvents"]]
    endpoint.fault("DescribeStackEvents", "disordered")
    disordered = [event["EventId"] for event in cfn.describe_stack_events(StackName="demo")["StackEvents"]]
    assert ordered != disordered
    assert sorted(ordered) == sorted(disordered)


# The other services


def test_identity(endpoint: Endpoint, client: Callable[..., Any]) -> None:
    """The account of the caller can be set."""
    assert client("sts").get_caller_identity()["Account"] == "123456789012"
    endpoint.account = "210987654321"
    assert client("sts").get_caller_identity()["Account"] == "210987654321"


def test_parameter_store(endpoint: Endpoint, client: Callable[..., Any]) -> None:
    """Public parameters are there, others can be put there, and what is missing is told."""
    ssm = client("ssm")
    endpoint.images["/mine"] = "ami-2"
    assert ssm.get_parameter(Name="/mine")["Parameter"]["Value"] == "ami-2"
    found = ssm.get_parameters(Names=["/mine", "/not"])
    assert ([p["Name"] for p in found["Parameters"]], found["InvalidParameters"]) == (["/mine"], ["/not"])
    assert refused(ssm.get_parameter, Name="/not")[0] == "ParameterNotFound"


def test_objects(endpoint: Endpoint, s3: Any) -> None:
    """An object is kept with its checksum and its metadata, and each time that it is put is counted."""
    bucket = endpoint.bucket("artifacts")
    assert refused(s3.head_object, Bucket="artifacts", Key="a/b c.zip")[0] == "404"
    digest = base64.b64encode(hashlib.sha256(b"body").digest()).decode()
    said = {"Bucket": "artifacts", "Key": "a/b c.zip", "ExpectedBucketOwner": endpoint.account}
    s3.put_object(**said, Body=b"body", ChecksumSHA256=digest, Metadata={"by": "me"})
    found = s3.head_object(**said, ChecksumMode="ENABLED")
    assert (found["ChecksumSHA256"], found["ContentLength"], found["Metadata"]) == (digest, 4, {"by": "me"})
    assert "ChecksumSHA256" not in s3.head_object(**said)
    assert s3.get_object(**said, ChecksumMode="ENABLED")["Body"].read() == b"body"
    assert (bucket.objects, dict(bucket.puts)) == ({"a/b c.zip": b"body"}, {"a/b c.zip": 1})
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket="artifacts", Prefix="a/")["Contents"]] == ["a/b c.zip"]
    wrong = base64.b64encode(bytes(32)).decode()
    assert refused(s3.put_object, **said, Body=b"body", ChecksumSHA256=wrong)[0] == "BadDigest"
    assert refused(s3.get_object, Bucket="artifacts", Key="none")[0] == "NoSuchKey"


def test_trailing_checksum(endpoint: Endpoint) -> None:
    """A body in chunks has its checksum behind it, which is verified all the same."""
    bucket = endpoint.bucket("artifacts")
    connection = http.client.HTTPConnection(endpoint.url.removeprefix("http://"))
    for content, expected in ((b"body", 200), (b"mist", 400)):
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        body = f"4\r\nbody\r\n0\r\nx-amz-checksum-sha256:{digest}\r\n\r\n".encode()
        headers = {"Content-Encoding": "aws-chunked", "x-amz-trailer": "x-amz-checksum-sha256"}
        connection.request("PUT", "/artifacts/key", body, headers)
        answer = connection.getresponse()
        assert (answer.status, bool(answer.read())) == (expected, expected == 400)
    connection.close()
    assert bucket.objects == {"key": b"body"}


def test_uploads_in_parts(endpoint: Endpoint, s3: Any) -> None:
    """An upload in parts is one object with a checksum of checksums; one that is given up leaves nothing."""
    bucket = endpoint.bucket("artifacts")
    said = {"Bucket": "artifacts", "Key": "big"}
    upload = s3.create_multipart_upload(**said, ChecksumAlgorithm="SHA256")["UploadId"]
    parts = []
    for number, body in enumerate((b"a" * 5, b"b" * 3), 1):
        sent = s3.upload_part(**said, UploadId=upload, PartNumber=number, Body=body, ChecksumAlgorithm="SHA256")
        parts.append({"PartNumber": number, "ETag": sent["ETag"], "ChecksumSHA256": sent["ChecksumSHA256"]})
    assert bucket.objects == {}
    done = s3.complete_multipart_upload(**said, UploadId=upload, MultipartUpload={"Parts": parts})
    digests = b"".join(hashlib.sha256(body).digest() for body in (b"a" * 5, b"b" * 3))
    composite = base64.b64encode(hashlib.sha256(digests).digest()).decode() + "-2"
    assert done["ChecksumSHA256"] == s3.head_object(**said, ChecksumMode="ENABLED")["ChecksumSHA256"] == composite
    assert (bucket.objects, bucket.part_puts["big"], bucket.puts["big"]) == ({"big": b"aaaaabbb"}, 2, 1)
    other = s3.create_multipart_upload(**said)["UploadId"]
    s3.abort_multipart_upload(**said, UploadId=other)
    assert refused(s3.upload_part, **said, UploadId=other, PartNumber=1, Body=b"")[0] == "NoSuchUpload"


def test_transfers(endpoint: Endpoint, s3: Any, tmp_path: Path) -> None:
    """Boto3's own transfer of a large file arrives whole."""
    from boto3.s3.transfer import TransferConfig

    bucket = endpoint.bucket("artifacts")
    (tmp_path / "file").write_bytes(bytes(range(256)) * 50_000)
    config = TransferConfig(multipart_threshold=5_242_880, multipart_chunksize=5_242_880)
    s3.upload_file(str(tmp_path / "file"), "artifacts", "file", Config=config)
    assert bucket.objects["file"] == (tmp_path / "file").read_bytes()
    assert bucket.part_puts["file"] == 3


def test_owners(endpoint: Endpoint, s3: Any) -> None:
    """A bucket of another account takes what it is sent, unless the sender says whose it should be."""
    bucket = endpoint.bucket("taken", owner="999999999999")
    endpoint.bucket("closed", owner="999999999999", closed=True)
    said = {"Bucket": "taken", "Key": "k", "Body": b"x"}
    code, _ = refused(s3.put_object, **said, ExpectedBucketOwner=endpoint.account)
    assert (code, bucket.objects) == ("AccessDenied", {})
    s3.put_object(**said)
    assert bucket.objects == {"k": b"x"}
    assert refused(s3.head_bucket, Bucket="closed")[0] == "403"
    assert refused(s3.create_bucket, Bucket="taken")[0] == "BucketAlreadyExists"


def test_regions(endpoint: Endpoint, client: Callable[..., Any]) -> None:
    """A bucket is in one region; elsewhere its address is told, and botocore goes there."""
    endpoint.bucket("far", region="eu-west-1")
    assert client("s3").head_bucket(Bucket="far")["BucketRegion"] == "eu-west-1"
    assert [call.operation for call in endpoint.calls] == ["HeadBucket", "HeadBucket"]
    constraint = {"LocationConstraint": "eu-west-1"}
    client("s3", "eu-west-1").create_bucket(Bucket="new", CreateBucketConfiguration=constraint)
    assert endpoint.buckets["new"].region == "eu-west-1"
    assert client("s3").get_bucket_location(Bucket="new")["LocationConstraint"] == "eu-west-1"
    assert refused(client("s3", "eu-west-1").create_bucket, Bucket="x")[0] == "IllegalLocationConstraintException"
    endpoint.stack("demo", region="eu-west-1")
    assert client("cloudformation").describe_stacks()["Stacks"] == []


def test_settings_of_buckets(s3: Any, endpoint: Endpoint) -> None:
    """A bucket is created and set up, and its settings can be read back."""
    s3.create_bucket(Bucket="mine")
    assert refused(s3.get_bucket_encryption, Bucket="mine")[0] == "ServerSideEncryptionConfigurationNotFoundError"
    assert "Status" not in s3.get_bucket_versioning(Bucket="mine")
    block = dict.fromkeys(["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"], True)
    s3.put_public_access_block(Bucket="mine", PublicAccessBlockConfiguration=block)
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    s3.put_bucket_encryption(Bucket="mine", ServerSideEncryptionConfiguration={"Rules": [rule]})
    s3.put_bucket_versioning(Bucket="mine", VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_policy(Bucket="mine", Policy="{}")
    s3.put_bucket_tagging(Bucket="mine", Tagging={"TagSet": [{"Key": "by", "Value": "omegac"}]})
    expire = {
        "ID": "old",
        "Status": "Enabled",
        "Filter": {},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
    }
    s3.put_bucket_lifecycle_configuration(Bucket="mine", LifecycleConfiguration={"Rules": [expire]})
    assert s3.get_public_access_block(Bucket="mine")["PublicAccessBlockConfiguration"] == block
    assert s3.get_bucket_tagging(Bucket="mine")["TagSet"] == [{"Key": "by", "Value": "omegac"}]
    assert s3.get_bucket_policy(Bucket="mine")["Policy"] == "{}"
    first, second = (s3.put_object(Bucket="mine", Key="k", Body=body)["VersionId"] for body in (b"1", b"2"))
    assert s3.get_object(Bucket="mine", Key="k", VersionId=first)["Body"].read() == b"1"
    assert (first != second, endpoint.buckets["mine"].objects) == (True, {"k": b"2"})


def test_faults_of_other_services(endpoint: Endpoint, client: Callable[..., Any]) -> None:
    """A fault is told in the words of each service."""
    endpoint.bucket("b")
    endpoint.fault("*", "throttling", times=2)
    assert refused(client("s3").get_object, Bucket="b", Key="k")[0] == "SlowDown"
    assert refused(client("ssm").get_parameter, Name="x")[0] == "ThrottlingException"


def test_program(tmp_path: Path) -> None:
    """As a program, it does what its script says, and ends with its standard input."""
    script = [["stack", "demo", "UPDATE_COMPLETE", {"tags": {"a": "b"}}], ["script.steps=", 2], ["fail", "A"]]
    (tmp_path / "script.json").write_text(json.dumps(script), "utf-8")
    port = tmp_path / "port"
    command = [
        sys.executable,
        "-m",
        "tests.endpoint",
        "--port-file",
        str(port),
        "--script",
        str(tmp_path / "script.json"),
    ]
    root = Path(__file__).parent.parent
    with subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE) as process:
        while not port.exists() and process.poll() is None:
            time.sleep(0.01)
        url = f"http://127.0.0.1:{port.read_text('utf-8')}"
        keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret"}
        found = boto3.client("cloudformation", "us-east-1", endpoint_url=url, **keys)
        assert status(found) == "UPDATE_COMPLETE"
        found.close()
        process.communicate(b"")
    assert process.returncode == 0
