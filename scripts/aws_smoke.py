"""Deploys the example to an AWS account, checks that both halves of it say the same hello, and takes it down again.

It costs money, and asks first. The stack has a random name; the bucket of artifacts stays, as others may use it.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from boto3 import Session

ROOT = Path(__file__).resolve().parent.parent
GROUP, PORT = "WebServerGroup", 9999
COST = """\
This deploys {spec} as the stack {stack} to the account {account}, region {region}, and deletes it again.
Until then it runs a t3.micro with a volume of 8 GB and a public IPv4 address, a Lambda function and a queue: together
about two US cents an hour, for some ten minutes. Port {port} of the instance is open to everybody while it runs.
The artifact, a few kB, stays in the bucket omegac-{account}-{region}."""
T = TypeVar("T")


def main() -> None:
    """Exits with 0 if both said hello and the stack is gone, with 1 otherwise."""
    options = _options()
    session, account = _account()
    stack = f"omegac-smoke-{secrets.token_hex(4)}"
    cost = COST.format(spec=options.spec, stack=stack, account=account, region=session.region_name, port=PORT)
    print(cost, flush=True)
    if not (options.yes or _agreed()):
        sys.exit("nothing was done, for want of a yes: at a terminal, or by --yes")
    failures = ["it could not be deployed"]
    try:
        if _omegac(options.spec, "deploy", stack):
            failures = _greetings(session, stack, options.minutes)
    finally:
        gone = _omegac(options.spec, "delete", stack, "--accept-loss", stack)
        print(f"{stack} is gone" if gone else f"{stack} is not deleted: see to it, as it may cost", flush=True)
    if failures or not gone:
        sys.exit("\n".join(failures) or 1)


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


def _agreed() -> bool:
    """Whether somebody sits there and says so."""
    return sys.stdin.isatty() and input("Deploy it? [yes/no] ").strip() == "yes"


def _omegac(spec: Path, command: str, stack: str, *more: str) -> bool:
    """Whether a command of omegac's succeeds."""
    words = [command, str(spec), "--stack", stack, "--yes", *more]
    return subprocess.run([sys.executable, "-m", "omegac", *words], check=False).returncode == 0


def _greetings(session: Session, stack: str, minutes: float) -> list[str]:
    """Asks both halves; what is wrong with their answers."""
    cloudformation = session.client("cloudformation")
    outputs = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["Outputs"]
    function = next(each["OutputValue"] for each in outputs if each["OutputKey"] == "HelloFunctionArn")
    by_lambda = json.loads(session.client("lambda").invoke(FunctionName=function)["Payload"].read()).get("body")
    print(f"Lambda says {by_lambda!r}", flush=True)
    named = cloudformation.describe_stack_resource(StackName=stack, LogicalResourceId=GROUP)
    group = named["StackResourceDetail"]["PhysicalResourceId"]
    by_http = _within(minutes, lambda: _http_hello(session, group))
    print(f"the instance says {by_http!r}", flush=True)
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
        except OSError:
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
