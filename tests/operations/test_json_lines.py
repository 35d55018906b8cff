"""What the commands on stacks write with `--format json`: an object a line, and at last a result that is true."""

from __future__ import annotations

import json
import os
import shlex
import signal
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from omegac.arguments.stacks import COMMANDS
from omegac.deployment.statuses import ABSENT
from omegac.operations.stack import SERVICE_TAG
from omegac.template import Compilation
from tests.endpoint import ACCOUNT, REGION, Endpoint
from tests.operations.scene import SPEC, compiled
from tests.operations.shell import Done, begun, ended, omegac

BUCKET = f"omegac-{ACCOUNT}-{REGION}"
TYPES = {"note", "upload", "planned", "event", "status", "diagnostic", "outputs", "stack", "result"}
CODES = {
    "done": 0,
    "unchanged": 0,
    "planned": 0,
    "declined": 1,
    "refused": 1,
    "lost": 1,
    "failed": 4,
    "detached": 130,
}
"""The exit code of each outcome, where no other is asked for."""


def nothing(_: Endpoint) -> None:
    """All goes well."""


def queue_fails(endpoint: Endpoint) -> None:
    endpoint.fail("Queue", reason='no "queue"\ntoday')


def function_stays(endpoint: Endpoint) -> None:
    endpoint.fail("HelloFunction", during="delete", reason="it is in use")


def is_invalid(endpoint: Endpoint) -> None:
    endpoint.invalid("Queue", "AWS::SQS::Queue", "/Resources/Queue", "it is not as it should be")


def is_denied(endpoint: Endpoint) -> None:
    endpoint.fault("DescribeStacks", "access-denied", times=9)


def is_lost(endpoint: Endpoint) -> None:
    endpoint.before("ExecuteChangeSet", lambda: endpoint.fault("DescribeStacks", "expired-token", times=99))


def is_being_undone(endpoint: Endpoint) -> None:
    endpoint.stack("shop", "UPDATE_ROLLBACK_IN_PROGRESS", then=["UPDATE_ROLLBACK_COMPLETE"])


THERE = "CREATE_COMPLETE"


class Case(NamedTuple):
    """A command on the stack `shop`, how that stands before, what comes of it, and what is said on the way."""

    typed: str
    status: str
    outcome: str
    ends: str | None
    """The stack's status in the result."""
    types: AbstractSet[str] = frozenset()
    """The types of records that are there before the result."""
    scripted: Callable[[Endpoint], None] = nothing

    @property
    def name(self) -> str:
        return f"{self.typed}, {self.status or 'ABSENT'}, {self.scripted.__name__}"


EVENTS = {"event", "status"}
CASES = (
    Case("deploy --yes", "", "done", THERE, {"note", "upload", "planned", "outputs", *EVENTS}),
    Case("deploy --yes", THERE, "unchanged", THERE, {"note", "upload", "outputs"}),
    Case("deploy --yes --plan", "", "planned", ABSENT, {"note", "upload", "planned"}),
    Case("deploy", "", "refused", None, {"diagnostic"}),
    Case("deploy --yes", "DELETE_FAILED", "refused", None, {"diagnostic"}),
    Case("deploy --yes", THERE, "refused", None, {"diagnostic"}, is_denied),
    Case("deploy --yes", "", "refused", None, {"note", "upload", "diagnostic"}, is_invalid),
    Case("deploy --yes", "", "lost", None, {"planned", "note", "upload", "diagnostic"}, is_lost),
    Case(
        *("deploy --yes", "", "failed", "ROLLBACK_COMPLETE"),
        *({"planned", "note", "upload", "diagnostic", *EVENTS}, queue_fails),
    ),
    Case("diff", "", "planned", ABSENT, {"planned"}),
    Case("diff", THERE, "unchanged", THERE, {"planned"}),
    Case("diff --template-only", "", "planned", ABSENT, {"planned"}),
    Case("diff", "DELETE_FAILED", "refused", None, {"diagnostic"}),
    Case("status", THERE, "done", THERE, {"stack", "outputs"}),
    Case("status", "", "done", ABSENT, {"stack"}),
    Case("status", THERE, "refused", None, {"diagnostic"}, is_denied),
    Case("outputs", THERE, "done", THERE, {"outputs"}),
    Case("outputs", "", "refused", None, {"diagnostic"}),
    Case("events", THERE, "done", THERE, {"event"}),
    Case("events", "", "refused", None, {"diagnostic"}),
    Case(
        *("events --follow", THERE, "failed", "UPDATE_ROLLBACK_COMPLETE"),
        *({"diagnostic", *EVENTS}, is_being_undone),
    ),
    Case("delete --yes --accept-loss shop", THERE, "done", "DELETE_COMPLETE", {"planned", *EVENTS}),
    Case("delete --yes", "", "unchanged", ABSENT, {"note"}),
    Case("delete --yes", THERE, "refused", None, {"planned", "diagnostic"}),
    Case(
        *("delete --yes --accept-loss shop", THERE, "failed", "DELETE_FAILED"),
        *({"planned", "diagnostic", "note", *EVENTS}, function_stays),
    ),
)


def result_of(done: Done) -> dict[str, Any]:
    """The result, of lines of which each is an object of a known type, and the last alone a result."""
    assert done.err == ""
    assert done.out.endswith("\n")
    records = [json.loads(line) for line in done.out.removesuffix("\n").split("\n")]
    assert [each["type"] for each in records if each["type"] not in TYPES] == []
    assert [n for n, each in enumerate(records, 1) if each["type"] == "result"] == [len(records)]
    result: dict[str, Any] = records[-1]
    assert result["version"] == 1
    return result


@pytest.mark.parametrize("case", CASES, ids=[each.name for each in CASES])
def test_the_last_line_is_the_result(case: Case, endpoint: Endpoint, compilations: Mapping[str, Compilation]) -> None:
    """Whatever comes of a command, it is said once, as the last line, and the exit code says the same."""
    queue = compilations["queue"]
    if case.status:
        parameters = {"ArtifactBucket": BUCKET}
        endpoint.stack(
            "shop", case.status, template=queue.template, tags={SERVICE_TAG: "shop"}, parameters=parameters
        )  # fmt: skip
    case.scripted(endpoint)
    done = omegac(queue.spec.folder, *shlex.split(case.typed), "--stack", "shop", "--format", "json")
    result = result_of(done)
    assert (result["operation"], result["stack"]) == (case.typed.split()[0], "shop")
    assert (result["outcome"], result["status"]) == (case.outcome, case.ends), done.out
    assert done.code == CODES[case.outcome]
    assert {each["type"] for each in done.records} == {*case.types, "result"}, done.out
    planned = [each["change_set"] for each in done.of_type("planned")]
    assert result["change_set"] == (planned[0] if "--plan" in case.typed else None)


@pytest.mark.parametrize(
    ("typed", "outcome", "code"),
    [("deploy --yes", "done", 5), ("deploy --yes --plan", "planned", 5), ("diff", "planned", 5)],
)
def test_a_change_is_5_and_its_outcome_is_as_ever(
    typed: str, outcome: str, code: int, endpoint: Endpoint, compilations: Mapping[str, Compilation]
) -> None:
    """--detailed-exitcode changes the code alone."""
    assert not endpoint.stacks
    where = ["--stack", "shop", "--format", "json", "--detailed-exitcode"]
    done = omegac(compilations["queue"].spec.folder, *typed.split(), *where)
    assert (result_of(done)["outcome"], done.code) == (outcome, code)


@pytest.mark.parametrize(("typed", "outcome"), [("--yes", "done"), ("", "refused"), ("--bucket nobodys", "refused")])
def test_publish_has_a_result_too(
    typed: str, outcome: str, endpoint: Endpoint, compilations: Mapping[str, Compilation]
) -> None:
    """What is published is said as outputs of no stack."""
    done = omegac(compilations["queue"].spec.folder, "publish", "--format", "json", *typed.split())
    result = result_of(done)
    assert (result["operation"], result["stack"], result["outcome"]) == ("publish", "", outcome)
    assert done.code == CODES[outcome]
    assert [each["values"] for each in done.of_type("outputs")] == [{"ArtifactBucket": BUCKET}] * (outcome == "done")
    assert bool(endpoint.writes) == (outcome == "done")


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        *((f"{command} --stage unheard-of", "OM1201") for command in sorted(COMMANDS)),
        *((f"{command}", "OM6010") for command in sorted(COMMANDS.keys() - {"publish"})),
        *((f"{command} nowhere.yaml --stage prod", "") for command in sorted(COMMANDS)),
        ("deploy --stack shop --params-file nowhere.yaml", ""),
        ("diff --stack shop --param Unheard=of", "OM6003"),
    ],
)
def test_what_is_refused_before_any_call_has_a_result(
    typed: str, code: str, endpoint: Endpoint, compilations: Mapping[str, Compilation]
) -> None:
    """A spec, a stage, a stack or a parameter that is not there is a diagnostic, and then the result."""
    done = omegac(compilations["alone"].spec.folder, *typed.split(), "--format", "json")
    result = result_of(done)
    assert (result["operation"], result["outcome"], done.code) == (typed.split(maxsplit=1)[0], "refused", 1)
    assert code in {"", *(each["code"] for each in done.of_type("diagnostic"))}, done.out
    assert done.of_type("diagnostic")
    assert endpoint.calls == []


@pytest.mark.parametrize("command", ["deploy", "diff", "publish"])
def test_a_spec_with_faults_is_a_diagnostic_for_each(command: str, endpoint: Endpoint, tmp_path: Path) -> None:
    """All faults of a spec are told, each where it is, before the result."""
    (tmp_path / "omega.yaml").write_text(f"{SPEC}nonsense: 1\nrubbish: 2\n", "utf-8")
    where = [] if command == "publish" else ["--stack", "shop"]
    done = omegac(tmp_path, command, *where, "--format", "json")
    assert (result_of(done)["outcome"], done.code) == ("refused", 1)
    assert {each["line"] for each in done.of_type("diagnostic")} >= {6, 7}
    assert endpoint.calls == []


def test_the_result_names_the_stack_of_the_stage(endpoint: Endpoint, tmp_path: Path) -> None:
    """The name that is not typed is in the result, of what is done as of what is refused."""
    compiled(tmp_path, f"{SPEC}stages: {{prod: {{stack: theirs}}}}\n").artifact.content.close()
    for command in ("deploy", "diff --template-only", "status", "events", "outputs", "delete"):
        done = omegac(tmp_path, *command.split(), "--stage", "prod", "--format", "json")
        assert result_of(done)["stack"] == "theirs"
    assert endpoint.writes == []


@pytest.mark.parametrize("typed", ["--unheard-of", "--format yaml", "--param A", "--change-set c --plan"])
def test_a_command_line_that_makes_no_sense_writes_no_record(
    typed: str, endpoint: Endpoint, compilations: Mapping[str, Compilation]
) -> None:
    """Before the form of the output is known to be asked for, there is no output."""
    done = omegac(compilations["alone"].spec.folder, "deploy", "--format", "json", *typed.split())
    assert (done.code, done.out) == (2, "")
    assert endpoint.calls == []


@pytest.mark.parametrize("interrupted", ["before it has begun", "while it goes on"])
def test_an_interrupted_process_says_its_result(
    interrupted: str, endpoint: Endpoint, compilations: Mapping[str, Compilation]
) -> None:
    """A process that is interrupted writes the result as its last line, and nothing else than records."""
    alone = compilations["alone"]
    endpoint.hold(*alone.root.value["Resources"])
    process = begun(alone.spec.folder, "deploy", "--yes", "--stack", "shop", "--format", "json")

    def interrupt() -> None:
        process.send_signal(signal.SIGINT)

    if interrupted == "while it goes on":
        endpoint.before("ExecuteChangeSet", lambda: endpoint.before("DescribeStackEvents", interrupt))
    else:
        endpoint.before("DescribeStacks", interrupt)
    done = ended(process)
    outcome = "detached" if interrupted == "while it goes on" else "interrupted"
    assert (result_of(done)["outcome"], done.code) == (outcome, 130)


def test_a_closed_output_ends_nothing(endpoint: Endpoint, compilations: Mapping[str, Compilation]) -> None:
    """A command whose standard output was closed before it began does what it is told, and says it to nobody."""
    folder = compilations["alone"].spec.folder
    done = ended(begun(folder, "deploy", "--yes", "--stack", "shop", preexec_fn=lambda: os.close(1)))
    assert (done.code, done.out, "Traceback" in done.err) == (0, "", False), done
    assert endpoint.find("shop").status == THERE


def test_what_a_reason_says_stays_within_its_line(endpoint: Endpoint, compilations: Mapping[str, Compilation]) -> None:
    """Quotes, line breaks of every kind and controls of AWS's words are in the record, and break no line."""
    reason = 'a "reason"\nof\u2028several\u0085lines\t{"type": "result"}'
    endpoint.fail("Queue", reason=reason)
    done = omegac(compilations["queue"].spec.folder, "deploy", "--yes", "--stack", "shop", "--format", "json")
    assert result_of(done)["outcome"] == "failed"
    lines = [json.loads(line) for line in done.out.split("\n") if line]
    assert reason in [each["reason"] for each in lines if each["type"] == "event"]
