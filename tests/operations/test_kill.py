"""A command that is killed at any call ends, once it is run again, where an undisturbed one ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.endpoint import ANY, Endpoint, Stack
from tests.operations.scene import QUEUE, SPEC, TABLE, environment

ROOT = Path(__file__).resolve().parent.parent.parent
COMMAND = ("deploy", "--stack", "shop", "--yes", "--accept-loss", "Orders", "--accept-loss", "Queue")
EVERY = int(os.environ.get("OMEGAC_KILL_EVERY", "4"))
"""Each how many-th call a command is killed at; 1 for all of them."""
MOST = 80
"""No undisturbed deployment makes so many calls."""
SCENARIOS = {
    **dict.fromkeys(("create", "update", "replace", "recreate"), COMMAND),
    "publish": ("publish", "--yes"),
    "delete": ("delete", "--stack", "shop", "--yes", "--accept-loss", "shop"),
}
"""What is run in each."""


def write(folder: Path, more: str) -> None:
    """The spec, with a part of it."""
    (folder / "app").mkdir(exist_ok=True)
    (folder / "app" / "hello.py").write_text("def handler(event, context):\n    return event\n", "utf-8")
    (folder / "omega.yaml").write_text(SPEC + more, "utf-8")


def begun(endpoint: Endpoint, folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """omegac, begun."""
    env = {**os.environ, **environment(endpoint), "PYTHONPATH": str(ROOT), "CI": "true", "OMEGAC_MEMO": "off"}
    nothing = subprocess.DEVNULL
    command = [sys.executable, "-m", "omegac", *(arguments or COMMAND)]
    return subprocess.Popen(command, cwd=folder, env=env, stdin=nothing, stdout=nothing, stderr=nothing)


def prepared(scenario: str, endpoint: Endpoint, folder: Path) -> None:
    """Brings the endpoint to where a scenario begins, and writes the spec that is then deployed."""
    endpoint.reset()
    if scenario in {"update", "replace", "delete"}:
        write(folder, TABLE)
        assert begun(endpoint, folder).wait(60) == 0
    elif scenario == "recreate":
        write(folder, QUEUE)
        endpoint.fail("Queue", reason="not today")
        assert begun(endpoint, folder).wait(60) == 4
    keyed = TABLE.replace("AttributeName: id", "AttributeName: key")
    write(folder, {"update": TABLE + QUEUE.removeprefix("resources:\n"), "replace": keyed}.get(scenario, QUEUE))
    endpoint.calls.clear()


def world(endpoint: Endpoint) -> Mapping[str, Any]:
    """What there is in the end, but for names that are made up anew."""
    return {
        "stacks": [told(stack) for stack in endpoint.stacks if stack.status != "DELETE_COMPLETE"],
        "objects": {name: sorted(bucket.objects) for name, bucket in endpoint.buckets.items()},
    }


def told(stack: Stack) -> Mapping[str, Any]:
    """A stack, but for the names in it that are made up anew."""
    good = {"CREATE_COMPLETE": "deployed", "UPDATE_COMPLETE": "deployed"}
    return {
        "status": good.get(stack.status, stack.status),
        "template": stack.deployment.template.text,
        "tags": dict(stack.deployment.tags),
        "resources": sorted(name for name, resource in stack.resources.items() if resource.status != "DELETE_COMPLETE"),
        "outputs": sorted(stack.outputs),
    }


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_killed_command_is_made_up_for(scenario: str, endpoint: Endpoint, tmp_path: Path) -> None:
    """Killed as its n-th call arrives, and run again, a command ends as one that nobody killed."""
    command = SCENARIOS[scenario]
    prepared(scenario, endpoint, tmp_path)
    assert begun(endpoint, tmp_path, *command).wait(60) == 0
    undisturbed, calls = world(endpoint), len(endpoint.calls)
    assert 0 < calls < MOST
    for number in range([*SCENARIOS].index(scenario) % EVERY, calls, EVERY):
        prepared(scenario, endpoint, tmp_path)
        killed: list[subprocess.Popen[bytes]] = []
        endpoint.before(ANY, lambda killed=killed: killed[0].kill(), after=number)  # type: ignore[misc]
        killed.append(begun(endpoint, tmp_path, *command))
        assert killed[0].wait(60) == -signal.SIGKILL, number
        assert begun(endpoint, tmp_path, *command).wait(60) == 0, number
        endpoint.settle()
        assert world(endpoint) == undisturbed, number


def test_two_at_once_never_mix(endpoint: Endpoint, tmp_path: Path) -> None:
    """Two deployments of one stack at once end with one of the two templates whole, and each says what came of it."""
    folders = [tmp_path / "one", tmp_path / "two"]
    templates = []
    for folder, more in zip(folders, (QUEUE, TABLE), strict=True):
        folder.mkdir()
        write(folder, more)
        assert begun(endpoint, folder).wait(60) == 0
        templates.append(endpoint.find("shop").deployment.template.text)
    for _ in range(3):
        processes = [begun(endpoint, folder) for folder in folders]
        codes = [process.wait(120) for process in processes]
        endpoint.settle()
        assert set(codes) <= {0, 1}, codes
        assert 0 in codes
        stack = endpoint.find("shop")
        assert stack.status == "UPDATE_COMPLETE"
        assert stack.deployment.template.text in templates


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_whoever_is_told_to_stop_detaches(number: signal.Signals, endpoint: Endpoint, tmp_path: Path) -> None:
    """Interrupted while it follows, with nobody to ask, omegac leaves the operation to go on, and exits with 130."""
    write(tmp_path, QUEUE)
    endpoint.hold("Queue")
    process = begun(endpoint, tmp_path)
    stopped = []

    def stop() -> None:
        stopped.append(number)
        process.send_signal(number)

    endpoint.before("ExecuteChangeSet", lambda: endpoint.before("DescribeStackEvents", stop, after=2))
    assert process.wait(60) == 130
    assert stopped
    assert endpoint.find("shop").status == "CREATE_IN_PROGRESS"
    endpoint.release("Queue")
    assert begun(endpoint, tmp_path, "events", "--stack", "shop", "--follow").wait(60) == 0
    assert endpoint.find("shop").status == "CREATE_COMPLETE"
