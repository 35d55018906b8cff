"""Deploys the example to an AWS account, checks that both halves of it say the same hello, and takes it down again.

It costs money, and asks first. The stack has a random name; the bucket of artifacts stays, as others may use it.
SIGTERM and SIGHUP do what Ctrl-C does: they take the stack down, however far it is.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shlex
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO, TypeVar

from omegac.streams import prepare

if TYPE_CHECKING:
    from boto3 import Session

ROOT = Path(__file__).resolve().parent.parent
GROUP, PORT = "WebServerGroup", 9999
PATIENCE = 10
"""For how many seconds a deployment that is told to end may take."""
COST = """\
This deploys {spec} as the stack {stack} to the account {account}, region {region}, and deletes it again.
Until then it runs a t3.micro with a volume of 8 GB and a public IPv4 address, a Lambda function and a queue: together
about two US cents an hour, for some ten minutes. Port {port} of the instance is open to everybody while it runs.
The artifact, a few kB, stays in the bucket omegac-{account}-{region}."""
T = TypeVar("T")


class Stack(NamedTuple):
    """What is deployed, and where."""

    name: str
    region: str
    spec: Path

    def command(self, name: str, *more: str) -> list[str]:
        """A command of omegac's on it."""
        place = ["--stack", self.name, "--region", self.region]
        return [sys.executable, "-m", "omegac", name, str(self.spec), *place, "--yes", *more]

    @property
    def deletion(self) -> list[str]:
        """The command that deletes it."""
        return self.command("delete", "--accept-loss", self.name)

    @property
    def way_out(self) -> str:
        """The same, as somebody at a shell types it."""
        return f"this deletes it:\n{shlex.join(self.deletion)}"

    def __str__(self) -> str:
        return f"{self.name} in {self.region}"


class Stopped(KeyboardInterrupt):
    """A signal has asked for the end."""


class Signals:
    """The signals that ask for the end. The first one counts, and is raised if that is wanted; no other one ever is."""

    def __init__(self) -> None:
        self.first = 0
        self.answer = ""
        """What is said to each."""
        self._raises = False

    def listen(self) -> None:
        """Has them come here; one that was to be ignored is."""
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._take)

    @contextmanager
    def raised(self) -> Iterator[None]:
        """Has the first one raise `Stopped`, be it that it has come before."""
        self._raises = True
        if self.first:
            raise Stopped
        try:
            yield
        finally:
            self._raises = False

    def _take(self, number: int, _: object) -> None:
        again, self.first = bool(self.first), self.first or number
        if self.answer:
            with suppress(OSError):  # not by `print`, which may be at work, and is not to be entered twice
                os.write(sys.stderr.fileno(), f"\n{signal.Signals(number).name}: {self.answer}\n".encode())
        if self._raises and not again:
            raise Stopped


def main() -> None:
    """Exits with 0 if both said hello and the stack is gone, with 128 + its number after a signal, else with 1."""
    prepare()
    options, signals = _options(), Signals()
    signals.listen()
    try:
        with signals.raised():
            session, stack = _agreed(options)
    except Stopped:
        _say("\nnothing was done: it was interrupted", sys.stderr)
        sys.exit(128 + signals.first)
    signals.answer = f"{stack} is taken down, and there until it is said to be gone; if not, {stack.way_out}"
    failures = ["it could not be deployed"]
    try:
        if _deployed(stack, signals):
            failures = _compared(session, stack, options.minutes, signals)
    finally:
        gone = _taken_down(session, stack, signals)
    if signals.first:
        sys.exit(128 + signals.first)
    for failure in failures:
        _say(failure, sys.stderr)
    sys.exit(int(bool(failures) or not gone))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--yes", action="store_true", help="agree to the cost")
    parser.add_argument("--minutes", type=float, default=10, help="how long to wait for the instance, 10")
    parser.add_argument("spec", nargs="?", type=Path, default=ROOT / "omega.yaml", help="another spec than the example")
    return parser.parse_args()


def _session() -> Session:
    import boto3

    # As omegac has it, and the AWS CLI; boto3 by itself reads AWS_DEFAULT_REGION alone.
    session = boto3.Session(region_name=os.environ.get("AWS_REGION") or None)
    if not session.region_name:
        sys.exit("no region: set AWS_REGION")
    if session.get_credentials() is None:
        sys.exit("no account: set AWS_PROFILE")
    return session


def _account() -> tuple[Session, str]:
    """Whose account it is, before anything is done with it."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        session = _session()
        return session, session.client("sts").get_caller_identity()["Account"]
    except (BotoCoreError, ClientError) as error:
        sys.exit(f"no account: {error}")


def _agreed(options: argparse.Namespace) -> tuple[Session, Stack]:
    """Says what it costs; what to deploy, and by whose account. Exits where nobody agrees."""
    session, account = _account()
    stack = Stack(f"omegac-smoke-{secrets.token_hex(4)}", session.region_name, options.spec)
    _say(COST.format(**stack._asdict(), stack=stack.name, account=account, port=PORT))
    if not (options.yes or _asked()):
        sys.exit("nothing was done, for want of a yes: at a terminal, or by --yes")
    return session, stack


def _asked() -> bool:
    """Whether somebody sits there and says so; Ctrl-D is no."""
    try:
        return sys.stdin.isatty() and input("Deploy it? [yes/no] ").strip() == "yes"
    except EOFError:
        _say("")
        return False


def _say(text: str, stream: TextIO | None = None) -> None:
    """Says something. That nobody reads it any more, as at a terminal that is closed, ends nothing."""
    stream = stream or sys.stdout
    try:
        print(text, file=stream, flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # else it fails again when it is closed


def _deployed(stack: Stack, signals: Signals) -> bool:
    """Whether it could be deployed; at a signal, the deployment is told to end.

    It has a session of its own: of a key at the terminal, or its end, it hears from here, once and as SIGTERM.
    """
    process = subprocess.Popen(stack.command("deploy"), start_new_session=True)
    while process.poll() is None:
        if signals.first:
            _end(process)
        time.sleep(0.1)
    return process.returncode == 0


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends a process, by force if need be."""
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()


def _taken_down(session: Session, stack: Stack, signals: Signals) -> bool:
    """Whether the stack is gone in the end; it is said which. No signal ends this: each is answered."""
    gone = False
    try:
        if signals.first:
            _hasten(session, stack)
        gone = _deleted(stack)
    finally:
        signals.answer = ""
        if gone:
            _say(f"{stack.name} is gone")
        else:
            _say(f"{stack} is not deleted, and may cost: {stack.way_out}", sys.stderr)
    return gone


def _deleted(stack: Stack) -> bool:
    """Whether it could be deleted, in a session of its own: no key ends that, nor does a terminal that is closed."""
    done = subprocess.run(stack.deletion, stdin=subprocess.DEVNULL, start_new_session=True, check=False)
    return done.returncode == 0


def _hasten(session: Session, stack: Stack) -> None:
    """Begins to delete what may still be under way: omegac would wait for it, a CI that cancels would not."""
    from botocore.exceptions import BotoCoreError, ClientError

    with suppress(BotoCoreError, ClientError):  # omegac comes next, and says what is wrong
        session.client("cloudformation").delete_stack(StackName=stack.name)


def _compared(session: Session, stack: Stack, minutes: float, signals: Signals) -> list[str]:
    """What is wrong with the hellos of both, or with asking for them; nothing more of it matters after a signal."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        with signals.raised():
            return _greetings(session, stack.name, minutes)
    except Stopped:
        return []
    except (BotoCoreError, ClientError) as error:
        return [f"it cannot be asked: {error}"]


def _greetings(session: Session, stack: str, minutes: float) -> list[str]:
    """Asks both halves; what is wrong with their answers."""
    cloudformation = session.client("cloudformation")
    outputs = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["Outputs"]
    function = next(each["OutputValue"] for each in outputs if each["OutputKey"] == "HelloFunctionArn")
    by_lambda = json.loads(session.client("lambda").invoke(FunctionName=function)["Payload"].read()).get("body")
    _say(f"Lambda says {by_lambda!r}")
    named = cloudformation.describe_stack_resource(StackName=stack, LogicalResourceId=GROUP)
    group = named["StackResourceDetail"]["PhysicalResourceId"]
    by_http = _within(minutes, lambda: _http_hello(session, group))
    _say(f"the instance says {by_http!r}")
    if by_http is None:
        return [f"no instance of {group} has answered on port {PORT} within {minutes:g} minutes"]
    return [] if by_lambda and by_lambda == by_http else ["they do not say the same hello"]


def _http_hello(session: Session, group: str) -> str | None:
    """What an instance of the group answers; None while there is none that does."""
    groups = session.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[group])
    instances = [each["InstanceId"] for found in groups["AutoScalingGroups"] for each in found["Instances"]]
    if not instances:
        return None
    described: Any = session.client("ec2").describe_instances(InstanceIds=instances)
    addresses = [
        each["PublicIpAddress"]
        for reservation in described["Reservations"]
        for each in reservation["Instances"]
        if "PublicIpAddress" in each
    ]
    for address in addresses:
        try:
            with urllib.request.urlopen(f"http://{address}:{PORT}/", timeout=5) as answer:
                return str(answer.read().decode())
        except (OSError, HTTPException):
            continue
    return None


def _within(minutes: float, ask: Callable[[], T | None]) -> T | None:
    """The first answer, asked for until it comes or the time is over."""
    deadline = time.monotonic() + 60 * minutes
    while (answer := ask()) is None and time.monotonic() < deadline:
        time.sleep(5)
    return answer


if __name__ == "__main__":
    main()
