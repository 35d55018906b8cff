"""`make aws-smoke`, as far as it goes without an account: what it refuses, and its way against the local cloud."""

from __future__ import annotations

import os
import subprocess
import sys

import boto3

from tests.ministack import ACCOUNT, Ministack
from tests.operations.shell import ROOT, Done


def smoke(*arguments: str, **environment: str) -> Done:
    """Runs the script; nobody is there to be asked."""
    command = [sys.executable, str(ROOT / "scripts" / "aws_smoke.py"), *arguments]
    variables = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    done = subprocess.run(
        command, cwd=ROOT, env=variables, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    return Done(done.returncode, done.stdout, done.stderr)


def stacks() -> list[str]:
    """Every stack there has ever been, with its status."""
    listed = boto3.client("cloudformation").list_stacks()["StackSummaries"]
    return [each["StackStatus"] for each in listed]


def test_it_says_what_it_costs_and_does_nothing_unasked(ministack: Ministack) -> None:
    """Without somebody's yes there is no stack and no bucket, but the cost is told, and the account."""
    assert ministack
    done = smoke()
    assert (done.code, done.err) == (1, "nothing was done, for want of a yes: at a terminal, or by --yes\n")
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
    assert "Lambda says 'Hello world from SpartaOmega!'" in done.out
    assert done.err.splitlines()[-1].endswith("has answered on port 9999 within 0 minutes")
    assert stacks() == ["DELETE_COMPLETE"]


def test_it_says_so_when_nothing_could_be_deployed(ministack: Ministack) -> None:
    """A spec that is refused is no success, though there is nothing to take down."""
    assert ministack
    done = smoke("--yes", "tests/cases/bad/no-such-spec/omega.yaml")
    assert (done.code, stacks()) == (1, [])
    assert done.err.splitlines()[-1] == "it could not be deployed"
