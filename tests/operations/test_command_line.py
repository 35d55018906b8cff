"""The commands on stacks as they are typed: the code that each ends with."""

from __future__ import annotations

import shlex
import signal
import subprocess
from collections.abc import Callable, Mapping
from typing import NamedTuple

import pytest

from omegac.arguments.stacks import COMMANDS
from omegac.operations.stack import SERVICE_TAG
from omegac.template import Compilation
from tests.endpoint import ACCOUNT, REGION, Endpoint
from tests.operations.scene import THERE, stand
from tests.operations.shell import begun, ended, omegac


def nothing(_: Endpoint) -> None:
    """All goes well."""


class Case(NamedTuple):
    """A command on the stack `shop`, how that stands before, and the code that it ends with."""

    typed: str
    status: str
    code: int
    scripted: Callable[[Endpoint], None] = nothing
    tags: Mapping[str, str] = {SERVICE_TAG: "shop"}
    """Those of the stack."""

    @property
    def name(self) -> str:
        whose = "" if self.tags else " not omegac's"
        return f"{self.typed}, {self.status or 'ABSENT'}{whose}, {self.scripted.__name__}"


def queue_fails(endpoint: Endpoint) -> None:
    endpoint.fail("Queue", reason="no queue today")


def function_stays(endpoint: Endpoint) -> None:
    endpoint.fail("HelloFunction", during="delete", reason="it is in use")


def is_protected(endpoint: Endpoint) -> None:
    endpoint.stack("shop", protected=True)


def events_are_lost(endpoint: Endpoint) -> None:
    endpoint.before("ExecuteChangeSet", lambda: endpoint.fault("DescribeStacks", "expired-token", times=99))


def change_sets_are_denied(endpoint: Endpoint) -> None:
    endpoint.fault("CreateChangeSet", "access-denied", times=9)


def fails_while_it_is_followed(endpoint: Endpoint) -> None:
    endpoint.stack("shop", "UPDATE_ROLLBACK_IN_PROGRESS", then=["UPDATE_ROLLBACK_COMPLETE"])


CASES = (
    Case("deploy --yes", "", 0),
    Case("deploy --yes --detailed-exitcode", "", 5),
    Case("deploy --yes --detailed-exitcode", THERE, 0),
    Case("deploy --yes --plan --detailed-exitcode", "", 5),
    Case("deploy --detailed-exitcode", "", 1),
    Case("deploy --yes", THERE, 1, tags={}),
    Case("deploy --yes", "DELETE_FAILED", 1),
    Case("deploy --yes --change-set unheard-of", THERE, 1),
    Case("deploy --yes", "", 1, events_are_lost),
    Case("deploy --yes --detailed-exitcode", "", 4, queue_fails),
    Case("diff --detailed-exitcode", "", 5),
    Case("diff --detailed-exitcode", THERE, 0),
    Case("diff --detailed-exitcode --template-only", "", 5),
    Case("diff --detailed-exitcode", "", 1, change_sets_are_denied),
    Case("status", THERE, 0),
    Case("status", "", 0),
    Case("outputs", THERE, 0),
    Case("outputs", "", 1),
    Case("events", THERE, 0),
    Case("events --follow", THERE, 0),
    Case("events --follow", THERE, 4, fails_while_it_is_followed),
    Case("events", "", 1),
    Case("delete --yes --accept-loss shop", THERE, 0),
    Case("delete --yes", "", 0),
    Case("delete --yes", THERE, 1),
    Case("delete --yes --accept-loss shop", THERE, 1, is_protected),
    Case("delete --yes --accept-loss shop", THERE, 1, tags={}),
    Case("delete --yes --force --accept-loss shop", THERE, 0, tags={}),
    Case("delete --yes --accept-loss shop", THERE, 4, function_stays),
)


@pytest.mark.parametrize("case", CASES, ids=[each.name for each in CASES])
def test_each_command_ends_with_the_code_of_its_outcome(
    case: Case, endpoint: Endpoint, compilations: Mapping[str, Compilation]
) -> None:
    """Done is 0, refused 1, a failure of CloudFormation 4, and a change 5 where that is asked for."""
    queue = compilations["queue"]
    stand(endpoint, queue, case.status, tags=case.tags)
    case.scripted(endpoint)
    done = omegac(queue.spec.folder, *shlex.split(case.typed), "--stack", "shop")
    assert done.code == case.code, done.out + done.err


@pytest.mark.parametrize(("typed", "code"), [("--yes", 0), ("", 1), ("--bucket nobodys", 1)])
def test_publish_ends_with_the_code_of_its_outcome(
    typed: str, code: int, endpoint: Endpoint, compilations: Mapping[str, Compilation]
) -> None:
    """What is published is printed for the next command; without consent, and to a bucket of nobody, nothing is."""
    done = omegac(compilations["queue"].spec.folder, "publish", *typed.split())
    assert (done.code, done.out) == (code, "" if code else f"ArtifactBucket=omegac-{ACCOUNT}-{REGION}\n"), done.err
    assert bool(endpoint.writes) == (code == 0)


USAGE = [
    *(f"{command} --unheard-of" for command in sorted(COMMANDS)),
    *(f"{command} --format yaml" for command in sorted(COMMANDS)),
    *(f"{command} omega.yaml another.yaml" for command in sorted(COMMANDS)),
    *(f"{command} --detailed-exitcode" for command in ("delete", "events", "outputs", "publish", "status")),
    *("status --yes", "publish --stack shop", "diff --plan", "delete --adopt", "outputs --param A=b"),
    *("deploy --param A", "deploy --param =b", "diff --param A", "deploy --tag A", "deploy --tag =b", "deploy --stack"),
    *(
        f"deploy --change-set c {more}"
        for more in ("--plan", "--param A=b", "--params-file f", "--bucket b", "--tag a=b", "--role-arn r")
    ),
]


@pytest.mark.parametrize("typed", USAGE)
def test_a_command_line_that_makes_no_sense_is_2(
    typed: str, endpoint: Endpoint, compilations: Mapping[str, Compilation]
) -> None:
    """What the command does not take is told on standard error, and nobody is called."""
    done = omegac(compilations["alone"].spec.folder, *typed.split())
    assert (done.code, done.out) == (2, "")
    assert "Error:" in done.err
    assert endpoint.calls == []


def interrupt_at(endpoint: Endpoint, operation: str, process: subprocess.Popen[str]) -> None:
    """Has Ctrl-C pressed while a call of an operation is served."""
    endpoint.before(operation, lambda: process.send_signal(signal.SIGINT))


@pytest.mark.parametrize(
    ("typed", "begins", "goes_on"),
    [
        ("deploy --yes", "ExecuteChangeSet", "CREATE_IN_PROGRESS"),
        ("delete --yes --accept-loss shop", "DeleteStack", "DELETE_IN_PROGRESS"),
        ("events --follow", "", "UPDATE_IN_PROGRESS"),
    ],
)
def test_interrupted_is_130_and_goes_on(
    typed: str, begins: str, goes_on: str, endpoint: Endpoint, compilations: Mapping[str, Compilation]
) -> None:
    """What is under way is left to itself where nobody can be asked, and how to take it up again is said."""
    alone = compilations["alone"]
    stand(endpoint, alone, {"deploy": "", "events": goes_on}.get(typed.split(maxsplit=1)[0], THERE))
    endpoint.hold(*alone.root.value["Resources"])
    process = begun(alone.spec.folder, *typed.split(), "--stack", "shop")
    if begins:
        endpoint.before(begins, lambda: interrupt_at(endpoint, "DescribeStackEvents", process))
    else:
        # The first look at the events finds out which operation is under way; the next ones follow it.
        endpoint.before("DescribeStackEvents", lambda: process.send_signal(signal.SIGINT), after=2)
    done = ended(process)
    assert (done.code, endpoint.find("shop").status) == (130, goes_on), done.err
    assert "`omegac events --stack shop --follow` takes it up again" in done.err


def test_interrupted_before_anything_has_begun_is_130(
    endpoint: Endpoint, compilations: Mapping[str, Compilation]
) -> None:
    """A deployment that is interrupted before it has begun has written nothing."""
    process = begun(compilations["alone"].spec.folder, "deploy", "--yes", "--stack", "shop", "--format", "json")
    interrupt_at(endpoint, "DescribeStacks", process)
    done = ended(process)
    assert (done.code, done.records[-1]["outcome"]) == (130, "interrupted"), done.err
    assert endpoint.writes == []
