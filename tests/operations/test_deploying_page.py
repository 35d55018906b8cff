"""What docs/deploying.md shows is what omegac does."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from omegac import commands, ending
from omegac.console.changes import as_text
from omegac.deployment.changes import Action, Change, Changes
from omegac.deployment.talk import Outcome
from tests.ministack import Ministack
from tests.operations.local import client, edit
from tests.operations.shell import ROOT, Done, at_terminal, omegac

PAGE = (ROOT / "docs" / "deploying.md").read_text("utf-8")
BLOCKS: list[tuple[str, str]] = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
CHANGE_SET = re.compile(r"omegac-[0-9a-f]{12}-[0-9a-f]{8}")
ANSWER = re.compile(r"^.*(?:\[y/N\]|to confirm:|^Team \(.*\):) (\S+)$", re.MULTILINE)
MASKS = {
    CHANGE_SET: "CHANGE-SET",
    re.compile(r"-[0-9A-F]{13}\b"): "-ID",
    re.compile(r"\b[0-9a-f]{64}\b"): "DIGEST",
    re.compile(r"Version[0-9a-f]{12}\b"): "VersionDIGEST",
}


def blocks(language: str) -> list[str]:
    """The fenced blocks in a language."""
    return [text for found, text in BLOCKS if found == language]


def rows(heading: str) -> dict[str, str]:
    """The rows of the table that begins with a heading."""
    table = PAGE.split(f"| {heading} |", 1)[1].split("\n\n", 1)[0]
    cells = [line.strip("|").split(" | ", 1) for line in table.splitlines()[2:]]
    return {name.strip(): text.strip() for name, text in cells}


@pytest.fixture
def orders(ministack: Ministack, tmp_path: Path) -> Path:
    """The project of the page, in a local cloud where somebody has a bucket `invoices`."""
    assert ministack
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "hello.py").write_text('def handler(event, context):\n    return "hello"\n', "utf-8")
    (tmp_path / "omega.yaml").write_text(blocks("yaml")[0], "utf-8")
    place = {"LocationConstraint": "eu-west-1"}
    client("s3").create_bucket(Bucket="invoices", CreateBucketConfiguration=place)
    return tmp_path


def change(spec: Path, difference: str) -> None:
    """Makes a change of the page to the spec."""
    lines = difference.splitlines(keepends=True)
    before = "".join(line[1:] for line in lines if line[0] != "+")
    edit(spec, before, "".join(line[1:] for line in lines if line[0] != "-"))


def masked(text: str) -> str:
    """A text without what differs from one run to the next."""
    for pattern, instead in MASKS.items():
        text = pattern.sub(instead, text)
    return text


def pattern_of(shown: str) -> str:
    """What the output has to match, line for line; a line with an ellipsis stands for any number of lines."""
    return "".join("(?s:.*)" if line == "…\n" else re.escape(line) for line in masked(shown).splitlines(keepends=True))


def sessions(block: str) -> Iterator[tuple[str, str]]:
    """Each command of a block, and what is shown after it."""
    for session in re.split(r"^\$ omegac ", block, flags=re.MULTILINE)[1:]:
        command, _, shown = session.partition("\n")
        yield command, shown


def test_the_page_reads_as_it_runs(orders: Path) -> None:
    """Every block of a console, one after the other and with the changes between them, shows what it says."""
    planned = ""
    ran = 0
    for language, block in BLOCKS:
        if language == "diff":
            change(orders / "omega.yaml", block)
        for command, shown in sessions(block) if language == "console" else ():
            arguments = shlex.split(CHANGE_SET.sub(planned, command))
            done = at_terminal(orders, ANSWER.findall(shown), *arguments)
            planned = next(iter(CHANGE_SET.findall(done.out)), planned)
            assert re.fullmatch(pattern_of(shown), masked(done.out)), done.out
            ran += 1
    assert ran == 7


def test_the_pipeline_of_the_page_runs(orders: Path) -> None:
    """The commands for a pipeline do what they say where nobody is there to be asked."""
    (script,) = blocks("sh")
    home = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    # The bucket is there already, as it is for every pipeline but the first.
    assert omegac(orders, "publish", "--yes").code == 0
    done = subprocess.run(
        ["bash", "-ec", script], cwd=orders, env=home, capture_output=True, text=True, check=False, timeout=60
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["outcome"] == "done"
    assert "+ add AWS::DynamoDB::Table Table" in done.stdout


def test_the_signs_are_those_that_are_shown() -> None:
    """The legend has each sign with its action, in the order in which changes are shown."""
    shown = {}
    for action in get_args(Action):
        sign, *words = as_text(Changes((Change(action, "Id", "Type"),))).split(" Type")[0].split(" ")
        shown[f"`{sign}` {' '.join(words)}"] = action
    assert set(rows("sign")) == set(shown)


def test_the_exit_codes_are_those_there_are() -> None:
    """The table has every exit code, and the list of outcomes every outcome."""
    there = {*commands.EXIT_CODES.values(), commands.CHANGED, ending.USAGE, ending.BUG}
    assert {int(code) for code in rows("exit code")} == there
    (listed,) = re.findall(r"Its `outcome` is (.*?)\.\n", PAGE, re.DOTALL)
    assert set(re.findall(r"`(\w+)`", listed)) == set(get_args(Outcome))


def test_the_records_have_the_keys_that_are_listed(orders: Path) -> None:
    """Each type of record has just the keys of the table, and every type is met."""
    given = ("--stack", "orders", "--format", "json", "--yes")
    said: list[Done] = [omegac(orders, "deploy", *given, "--param", "Team=orders-team")]
    change(orders / "omega.yaml", blocks("diff")[-1])
    said += [omegac(orders, "deploy", *given), omegac(orders, "status", *given[:4])]
    keys = {record["type"]: list(record)[1:] for done in said for record in done.records}
    assert keys == {name.strip("`"): re.findall(r"`(\w+)`", text) for name, text in rows("`type`").items()}
