"""`make aws-smoke`, as far as it goes without an account: what it refuses, and its way against a local cloud.

The local cloud launches no instances: where one is needed, the endpoint tells of it, and it answers on loopback.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from select import select
from threading import Event, Thread

import boto3
import pytest

from omegac.template import Compilation
from tests.endpoint import REGION, Endpoint
from tests.ministack import ACCOUNT, Ministack
from tests.operations.shell import CTRL_C, CTRL_D, ROOT, Done, Sitting, at_terminal, begun, ended, read, seated
from tests.running.services import below

SMOKE = (str(ROOT / "scripts" / "aws_smoke.py"),)
HELLO = "Hello world from SpartaOmega!"
NOTHING = "nothing was done, for want of a yes: at a terminal, or by --yes"
PORT = 9999
THERE, LEFT = "is taken down, and there until it is said to be gone", "is not deleted, and may cost"
STOPS = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)


def smoke(*arguments: str, **environment: str) -> Done:
    """Runs the script; nobody is there to be asked."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        return ended(begun(ROOT, *arguments, program=SMOKE))


def stopped(before: Callable[[Callable[[], object]], object], number: int, *arguments: str) -> Done:
    """Runs the script, and sends it a signal; `before` is given what sends it."""
    process = begun(ROOT, "--yes", *arguments, program=SMOKE)
    before(lambda: process.send_signal(number))
    return ended(process)


def stacks() -> list[str]:
    """Every stack there has ever been, with its status."""
    listed = boto3.client("cloudformation").list_stacks()["StackSummaries"]
    return [each["StackStatus"] for each in listed]


def test_it_says_what_it_costs_and_does_nothing_unasked(ministack: Ministack) -> None:
    """Without somebody's yes there is no stack and no bucket, but the cost is told, and the account."""
    assert ministack
    done = smoke()
    assert (done.code, done.err) == (1, f"{NOTHING}\n")
    assert f"to the account {ACCOUNT}" in done.out
    assert "two US cents an hour" in done.out
    assert (stacks(), boto3.client("s3").list_buckets()["Buckets"]) == ([], [])


def test_it_needs_an_account(ministack: Ministack) -> None:
    """Without credentials, or a region, it says what to set."""
    assert ministack
    done = smoke("--yes", AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")
    assert (done.code, done.err) == (1, "no account: set AWS_PROFILE\n")
    done = smoke("--yes", AWS_REGION="", AWS_DEFAULT_REGION="")
    assert (done.code, done.err) == (1, "no region: set AWS_REGION\n")


def test_it_needs_an_account_that_is_there(ministack: Ministack) -> None:
    """A profile that nobody has is told as such."""
    assert ministack
    done = smoke("--yes", AWS_PROFILE="nobodys")
    assert (done.code, done.err) == (1, "no account: The config profile (nobodys) could not be found\n")


def test_it_reads_the_region_that_it_asks_for(ministack: Ministack) -> None:
    """AWS_REGION is enough, as it is for omegac."""
    assert ministack
    done = smoke(AWS_DEFAULT_REGION="", AWS_REGION="eu-north-1")
    assert "region eu-north-1" in done.out


def test_it_takes_down_what_it_deployed_though_a_half_is_missing(ministack: Ministack) -> None:
    """The local cloud launches no instance: Lambda's hello is there, the other is missed, and the stack is gone."""
    assert ministack
    done = smoke("--yes", "--minutes", "0")
    assert done.code == 1
    assert f"Lambda says {HELLO!r}" in done.out
    assert done.err.splitlines()[-1].endswith("has answered on port 9999 within 0 minutes")
    assert stacks() == ["DELETE_COMPLETE"]


def test_it_says_so_when_nothing_could_be_deployed(ministack: Ministack) -> None:
    """A spec that is refused is no success, though there is nothing to take down."""
    assert ministack
    done = smoke("--yes", "tests/cases/bad/no-such-spec/omega.yaml")
    assert (done.code, stacks()) == (1, [])
    assert done.err.splitlines()[-1] == "it could not be deployed"


@pytest.fixture
def aws(ministack: Ministack, endpoint_server: Endpoint, monkeypatch: pytest.MonkeyPatch) -> Endpoint:
    """The local cloud, but for instances and their groups: those are the endpoint's."""
    assert ministack
    endpoint_server.reset()
    for service in ("AUTO_SCALING", "EC2"):
        monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", endpoint_server.url)
    monkeypatch.setenv("NO_PROXY", "*")
    return endpoint_server


@contextmanager
def instance(text: str) -> Iterator[str]:
    """A server that says something on the example's port; its address, which is one of loopback's."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name is the base's)
            """Says nothing."""

    server = _listening(Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield str(server.server_address[0])
    finally:
        server.shutdown()
        server.server_close()


def _listening(handler: type[BaseHTTPRequestHandler]) -> ThreadingHTTPServer:
    """A server where nobody else listens, such as another process of tests."""
    for last in range(1, 255):
        try:
            return ThreadingHTTPServer((f"127.0.0.{last}", PORT), handler)
        except OSError:
            continue
    raise RuntimeError(f"port {PORT} is taken on all addresses of loopback")


def launch(aws: Endpoint, address: str) -> None:
    """Has the group of the one stack an instance at an address, at the second look; at the first there is none."""

    def launched() -> None:
        client = boto3.client("cloudformation")
        (stack,) = client.describe_stacks()["Stacks"]
        found = client.describe_stack_resource(StackName=stack["StackName"], LogicalResourceId="WebServerGroup")
        aws.groups[found["StackResourceDetail"]["PhysicalResourceId"]] = ["i-1"]
        aws.addresses["i-1"] = address

    aws.before("DescribeAutoScalingGroups", launched, after=1)


def test_it_compares_both_hellos(aws: Endpoint) -> None:
    """Where the function and the instance say the same, all is well, and the stack is gone."""
    with instance(HELLO) as address:
        launch(aws, address)
        done = smoke("--yes")
    assert (done.code, done.err.count("error"), stacks()) == (0, 0, ["DELETE_COMPLETE"])
    assert f"Lambda says {HELLO!r}\nthe instance says {HELLO!r}\n" in done.out
    assert done.out.splitlines()[-1].endswith(" is gone")
    assert aws.called("DescribeInstances") == [{"InstanceId": {"1": "i-1"}}]


@pytest.mark.parametrize("text", ["Hello, whoever you are", ""])
def test_it_fails_where_they_differ(text: str, aws: Endpoint) -> None:
    """Another hello is a failure, and so is none; the stack is gone all the same."""
    with instance(text) as address:
        launch(aws, address)
        done = smoke("--yes")
    assert (done.code, stacks()) == (1, ["DELETE_COMPLETE"])
    assert done.err.splitlines()[-1] == "they do not say the same hello"
    assert f"the instance says {text!r}" in done.out


@pytest.mark.parametrize("number", STOPS, ids=lambda number: number.name)
def test_a_signal_while_it_waits_takes_the_stack_down(number: signal.Signals, aws: Endpoint) -> None:
    """Whatever asks it to end while no instance answers, the stack goes first."""
    done = stopped(lambda send: aws.before("DescribeAutoScalingGroups", send), number)
    assert (done.code, stacks()) == (128 + number, ["DELETE_COMPLETE"])
    assert done.out.splitlines()[-1].endswith(" is gone")
    assert f"\n{number.name}: omegac-smoke-" in done.err
    assert "Traceback" not in done.err


def test_ctrl_c_while_it_waits_takes_the_stack_down(aws: Endpoint) -> None:
    """Whoever has said yes and presses Ctrl-C later leaves nothing behind."""

    def ready(sitting: Sitting) -> None:
        aws.before("DescribeAutoScalingGroups", sitting.interrupt)

    done = at_terminal(ROOT, ["yes"], program=SMOKE, ready=ready)
    assert (done.code, stacks()) == (130, ["DELETE_COMPLETE"])
    assert done.out.splitlines()[-1].endswith(" is gone")
    assert "Traceback" not in done.out


@pytest.mark.usefixtures("aws")
def test_a_terminal_that_is_closed_leaves_no_stack() -> None:
    """Nobody reads any more how the stack is taken down, and it is."""
    process, keyboard = seated(ROOT, "--yes", program=SMOKE)
    shown = ""
    for text in read(keyboard):
        shown += text
        if "Lambda says" in shown:
            break
    os.close(keyboard)
    assert (process.wait(60), stacks()) == (128 + signal.SIGHUP, ["DELETE_COMPLETE"])


@pytest.mark.parametrize(("key", "code", "last"), [
    (CTRL_C, 130, "nothing was done: it was interrupted"),
    (CTRL_D, 1, NOTHING),
    ("no", 1, NOTHING),
])  # fmt: skip
def test_whoever_does_not_agree_pays_nothing(key: str, code: int, last: str, ministack: Ministack) -> None:
    """Ctrl-D is a no, Ctrl-C ends it, and both are told in a sentence."""
    assert ministack
    done = at_terminal(ROOT, [key], program=SMOKE)
    assert (done.code, done.out.splitlines()[-1], stacks()) == (code, last, [])
    assert "Traceback" not in done.out


@pytest.fixture
def spec(compilations: Mapping[str, Compilation]) -> str:
    """A service with a table, for the endpoint: nothing of it can be invoked."""
    return str(compilations["table"].spec.folder / "omega.yaml")


def statuses(endpoint: Endpoint) -> list[str]:
    """Of all stacks that there ever were, as they are now."""
    return [stack.status for stack in endpoint.stacks]


def deletion(shown: str) -> list[str]:
    """The command that is said to delete the stack."""
    return shlex.split(shown[shown.index("this deletes it:\n") :].splitlines()[1])


def while_it_creates(endpoint: Endpoint, act: Callable[[], object]) -> None:
    """Has something done while a deployment is followed."""
    endpoint.before("ExecuteChangeSet", lambda: endpoint.before("DescribeStackEvents", act, after=1))


def while_it_deletes(endpoint: Endpoint, act: Callable[[], object]) -> None:
    """Has something done while a deletion is followed."""
    endpoint.before("DeleteStack", lambda: endpoint.before("DescribeStacks", act))


def require_way_out(said: str, how: str, endpoint: Endpoint) -> None:
    """That somebody is told how the stack is, with its region, and how to delete it."""
    (stack,) = endpoint.stacks
    assert f"{stack.name} in {REGION} {how}" in said
    command = deletion(said)
    assert command[1:4] == ["-m", "omegac", "delete"]
    assert command[5:] == ["--stack", stack.name, "--region", REGION, "--yes", "--accept-loss", stack.name]


@pytest.mark.parametrize("number", STOPS, ids=lambda number: number.name)
def test_a_signal_while_it_deploys_takes_the_stack_down(number: signal.Signals, endpoint: Endpoint, spec: str) -> None:
    """A creation that is under way is not waited for: it is deleted at once, and once."""
    endpoint.hold("Orders")
    done = stopped(lambda send: while_it_creates(endpoint, send), number, spec)
    assert (done.code, statuses(endpoint)) == (128 + number, ["DELETE_COMPLETE"])
    assert len(endpoint.called("DeleteStack")) == 1
    assert "could not be deployed" not in done.err


@pytest.mark.parametrize("operation", ["CreateChangeSet", "ExecuteChangeSet"])
def test_a_signal_before_there_is_anything_leaves_nothing(operation: str, endpoint: Endpoint, spec: str) -> None:
    """What the deployment has begun by then goes, too."""
    done = stopped(lambda send: endpoint.before(operation, send), signal.SIGTERM, spec)
    assert done.code == 128 + signal.SIGTERM
    assert {*statuses(endpoint)} <= {"DELETE_COMPLETE"}


def test_what_cannot_be_asked_is_taken_down(endpoint: Endpoint, spec: str) -> None:
    """Where AWS refuses to invoke the function, that is said, and the stack is gone."""
    done = smoke("--yes", spec)
    assert (done.code, statuses(endpoint)) == (1, ["DELETE_COMPLETE"])
    assert "\nit cannot be asked: " in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("again", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_signal_while_it_takes_down_ends_nothing(again: signal.Signals, endpoint: Endpoint, spec: str) -> None:
    """It is answered with the stack, the region and the command that deletes it, and the stack is taken down."""
    endpoint.hold("Orders")
    process = begun(ROOT, "--yes", spec, program=SMOKE)
    while_it_creates(endpoint, process.terminate)
    while_it_deletes(endpoint, lambda: process.send_signal(again))
    done = ended(process)
    assert (done.code, statuses(endpoint)) == (128 + signal.SIGTERM, ["DELETE_COMPLETE"])
    assert len(endpoint.called("DeleteStack")) == 1
    assert done.out.splitlines()[-1].endswith(" is gone")
    require_way_out(done.err.rpartition(f"\n{again.name}: ")[2], THERE, endpoint)


def test_the_first_signal_may_come_while_it_takes_down(endpoint: Endpoint, spec: str) -> None:
    """Then it is answered in the same way, and is what the code tells."""
    done = stopped(lambda send: while_it_deletes(endpoint, send), signal.SIGHUP, spec)
    assert (done.code, statuses(endpoint)) == (128 + signal.SIGHUP, ["DELETE_COMPLETE"])
    require_way_out(done.err.rpartition("\nSIGHUP: ")[2], THERE, endpoint)


def test_ctrl_c_again_and_again_ends_nothing(endpoint: Endpoint, spec: str) -> None:
    """Neither the deletion nor what follows it hears of a key at the terminal."""
    endpoint.hold("Orders")

    def ready(sitting: Sitting) -> None:
        while_it_creates(endpoint, sitting.interrupt)
        while_it_deletes(endpoint, sitting.interrupt)

    done = at_terminal(ROOT, ["yes"], spec, program=SMOKE, ready=ready)
    assert (done.code, statuses(endpoint)) == (130, ["DELETE_COMPLETE"])
    assert done.out.count("\nSIGINT: omegac-smoke-") == 2
    assert "Traceback" not in done.out


def test_a_terminal_that_is_closed_while_it_takes_down_ends_nothing(endpoint: Endpoint, spec: str) -> None:
    """The deletion does not fail for having nobody to tell, be it closed before AWS has heard of that."""
    due, closed = Event(), Event()

    def wait() -> None:
        due.set()
        closed.wait(60)

    endpoint.before("ExecuteChangeSet", lambda: endpoint.before("GetTemplate", wait))
    process, keyboard = seated(ROOT, "--yes", spec, program=SMOKE)
    while not due.is_set():
        if select([keyboard], [], [], 0.05)[0]:
            os.read(keyboard, 65536)
    os.close(keyboard)
    closed.set()
    assert (process.wait(60), statuses(endpoint)) == (128 + signal.SIGHUP, ["DELETE_COMPLETE"])


def test_a_stack_that_cannot_be_deleted_is_told(endpoint: Endpoint, spec: str) -> None:
    """What is left is named with its region, and the command that is given deletes it once it can be."""
    endpoint.fail("Orders", during="delete", times=1)
    done = smoke("--yes", spec)
    assert (done.code, statuses(endpoint)) == (1, ["DELETE_FAILED"])
    assert " is gone" not in done.out
    require_way_out(done.err, LEFT, endpoint)
    assert subprocess.run(deletion(done.err), check=False, capture_output=True).returncode == 0
    assert statuses(endpoint) == ["DELETE_COMPLETE"]


def test_a_hello_is_no_success_while_the_stack_stays(aws: Endpoint) -> None:
    """Where both say the same, but others have protected the stack meanwhile, it has failed."""

    def protect() -> None:
        client = boto3.client("cloudformation")
        (stack,) = client.describe_stacks()["Stacks"]
        client.update_termination_protection(StackName=stack["StackName"], EnableTerminationProtection=True)

    aws.before("DescribeInstances", protect)
    with instance(HELLO) as address:
        launch(aws, address)
        done = smoke("--yes")
    assert (done.code, stacks()) == (1, ["CREATE_COMPLETE"])
    assert LEFT in done.err
    assert f"the instance says {HELLO!r}" in done.out


def test_a_failed_deletion_after_a_signal_is_told(endpoint: Endpoint, spec: str) -> None:
    """The code is the signal's, and what is left is named last."""
    endpoint.hold("Orders")
    endpoint.fail("Orders", during="delete", times=9)
    done = stopped(lambda send: while_it_creates(endpoint, send), signal.SIGTERM, spec)
    assert (done.code, statuses(endpoint)) == (128 + signal.SIGTERM, ["DELETE_FAILED"])
    require_way_out("\n".join(done.err.splitlines()[-2:]), LEFT, endpoint)


def test_a_deletion_that_is_killed_is_told(endpoint: Endpoint, spec: str) -> None:
    """Whoever ends the deletion's own process leaves a stack, which is named."""
    process = begun(ROOT, "--yes", spec, program=SMOKE)

    def kill() -> None:
        for number in below(process.pid):
            os.kill(number, signal.SIGKILL)

    while_it_deletes(endpoint, kill)
    done = ended(process)
    assert done.code == 1
    require_way_out(done.err, LEFT, endpoint)
