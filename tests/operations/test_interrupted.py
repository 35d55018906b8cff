"""Ctrl-C, and SIGTERM: what is under way goes on or is called off, and nothing is deleted that nobody meant."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping

import pytest

from omegac.deployment.talk import Choice
from omegac.template import Compilation
from tests.endpoint import Endpoint
from tests.operations.observer import Person
from tests.operations.scene import Witness, deployed, site
from tests.operations.shell import CTRL_C, Done, Sitting, at_terminal, begun, ended

Compilations = Mapping[str, Compilation]
WRITTEN_BEFORE = ("CreateChangeSet", "DescribeChangeSet", "GetCallerIdentity")
"""Calls of a creation from before its execution, at which it is interrupted; the first has made a stack by then."""
DEPLOY = ("deploy", "--stack", "shop", "--yes")


@pytest.fixture
def table(endpoint: Endpoint, compilations: Compilations) -> Compilation:
    """A service with a table, which takes its time to be made."""
    endpoint.hold("Orders")
    return compilations["table"]


def statuses(endpoint: Endpoint) -> list[str]:
    """Of all stacks that there ever were."""
    endpoint.settle()
    return [stack.status for stack in endpoint.stacks]


def while_it_goes_on(endpoint: Endpoint, act: Callable[[], None]) -> None:
    """Has something done while a deployment is followed."""
    endpoint.before("ExecuteChangeSet", lambda: endpoint.before("DescribeStackEvents", act, after=1))


def interrupted(endpoint: Endpoint, compilation: Compilation, *answers: str) -> Done:
    """A deployment at a terminal, where Ctrl-C is pressed while it goes on, and its question is answered."""

    def ready(sitting: Sitting) -> None:
        while_it_goes_on(endpoint, sitting.interrupt)

    return at_terminal(compilation.spec.folder, answers, *DEPLOY, ready=ready)


def test_a_creation_that_is_cancelled_goes(endpoint: Endpoint, table: Compilation) -> None:
    """Cancelling a creation deletes what was made, as the question says, and is no failure that asks for a reason."""
    done = interrupted(endpoint, table, "cancel")
    assert "cancel it, which deletes the stack, or go on? [detach/cancel/go on]" in done.out
    assert done.out.splitlines()[-1] == "deploy of shop: cancelled (DELETE_COMPLETE)"
    assert (done.code, statuses(endpoint), "error" in done.out) == (130, ["DELETE_COMPLETE"], False)


def test_an_update_that_is_cancelled_is_undone(endpoint: Endpoint, compilations: Compilations) -> None:
    """Cancelling an update rolls it back, and is followed to the end of that."""
    deployed(compilations["alone"], site(Witness(), yes=True))
    endpoint.hold("Orders")
    done = interrupted(endpoint, compilations["table"], "cancel")
    assert "cancel it, which undoes the update, or go on? [detach/cancel/go on]" in done.out
    assert done.out.splitlines()[-1] == "deploy of shop: cancelled (UPDATE_ROLLBACK_COMPLETE)"
    assert (done.code, statuses(endpoint), "error" in done.out) == (130, ["UPDATE_ROLLBACK_COMPLETE"], False)


@pytest.mark.parametrize("answers", [["detach"], [""], [CTRL_C], ["d"]], ids=["named", "first", "ctrl-c", "begun"])
def test_whoever_detaches_leaves_it_to_go_on(answers: list[str], endpoint: Endpoint, table: Compilation) -> None:
    """A second Ctrl-C detaches, as the first answer does; how to take it up again is said."""
    done = interrupted(endpoint, table, *answers)
    assert done.out.splitlines()[-1].endswith("`omegac events --stack shop --follow` takes it up again")
    assert done.code == 130
    endpoint.release("Orders")
    assert statuses(endpoint) == ["CREATE_COMPLETE"]


def test_whoever_goes_on_sees_the_end(endpoint: Endpoint, table: Compilation) -> None:
    """The operation is followed further, and its outcome is its own."""
    endpoint.before(
        "ExecuteChangeSet", lambda: endpoint.before("DescribeStacks", lambda: endpoint.release("Orders"), after=8)
    )
    done = interrupted(endpoint, table, "go on")
    assert (done.code, done.out.splitlines()[-1]) == (0, "deploy of shop: done (CREATE_COMPLETE)")


def test_what_is_complete_by_then_is_not_deleted(endpoint: Endpoint, table: Compilation) -> None:
    """A creation that ends while its question stands open is not cancelled: that would delete what is in use."""

    class Slow(Person):
        def choose(self, choice: Choice) -> str:
            endpoint.release("Orders")
            endpoint.settle()
            return super().choose(choice)

    person = Slow("yes", types=True, interrupts=1, chooses="cancel")
    result = deployed(table, site(person))
    assert (result.outcome, result.status) == ("done", "CREATE_COMPLETE")
    assert "it is over already: there is nothing to cancel" in person.notes
    assert endpoint.called("DeleteStack") == []


@pytest.mark.parametrize("operation", WRITTEN_BEFORE)
def test_what_is_interrupted_before_it_has_begun_leaves_nothing(
    operation: str, endpoint: Endpoint, compilations: Compilations
) -> None:
    """Whatever call is cut off, the change set and the stack that it stands for are gone in the end."""
    process = begun(compilations["alone"].spec.folder, *DEPLOY)
    endpoint.before(operation, lambda: process.send_signal(signal.SIGINT))
    done = ended(process)
    assert (done.code, done.err.splitlines()[-1]) == (
        130,
        "deploy of shop: interrupted, and nothing that it began goes on",
    )
    assert [status for status in statuses(endpoint) if status != "DELETE_COMPLETE"] == []


def test_an_execution_that_is_interrupted_goes_on(endpoint: Endpoint, table: Compilation) -> None:
    """Ctrl-C during the call that begins it: CloudFormation has heard it, and so it is detached from."""
    process = begun(table.spec.folder, *DEPLOY)
    endpoint.before("ExecuteChangeSet", lambda: process.send_signal(signal.SIGINT))
    done = ended(process)
    assert (done.code, endpoint.find("shop").status) == (130, "CREATE_IN_PROGRESS"), done.err
    assert "deploy of shop: goes on" in done.err


def test_a_deletion_that_is_interrupted_goes_on(endpoint: Endpoint, compilations: Compilations) -> None:
    """The same of a deletion."""
    deployed(compilations["alone"], site(Witness(), yes=True))
    endpoint.hold("HelloFunctionRole")
    process = begun(compilations["alone"].spec.folder, "delete", "--stack", "shop", "--yes", "--accept-loss", "shop")
    endpoint.before("DeleteStack", lambda: process.send_signal(signal.SIGINT))
    done = ended(process)
    assert (done.code, endpoint.find("shop").status) == (130, "DELETE_IN_PROGRESS"), done.err
    assert "delete of shop: goes on" in done.err


def test_sigterm_asks_nobody(endpoint: Endpoint, table: Compilation) -> None:
    """A terminal that is closed down gets no question which nobody answers."""

    def ready(sitting: Sitting) -> None:
        while_it_goes_on(endpoint, sitting.terminate)

    done = at_terminal(table.spec.folder, [], *DEPLOY, ready=ready)
    assert (done.code, endpoint.find("shop").status) == (130, "CREATE_IN_PROGRESS"), done.out
    assert "or go on?" not in done.out
