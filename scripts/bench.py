"""Measures how long `omegac build` and `omegac lint` take and how much memory: the example, many functions, growth.

Whole processes, from start to end, run by the interpreter that runs this. Every command is run in turn, round after
round, and each time right after what it is held against, so that a busy moment hits both: a ratio is the median of
such pairs. For a build that floor is the import of what it cannot do without, for a lint it is cfn-lint. Compare
ratios; seconds are those of one machine at one time.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
GOALS = {"example, cold": 1.5, "100 functions, cold": 2.0, "lint of it, cold": 0.8, "lint of it, unchanged": 0.35}
"""The most that each may take, in floors."""
MEMORY_GOAL = 60.0  # MB, of any build
GROWTH = (1, 13, 28, 58, 118)
"""Functions that come to about 10, 60, 120, 240 and 480 resources: four for each, and seven for all else."""

SPEC = """\
omega: 1
service: Many
artifact: app
resources:
  Greetings: {Type: AWS::SQS::Queue, DeletionPolicy: Delete, UpdateReplacePolicy: Delete}
  SharedRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]
servers:
  web:
    command: python3.13 -m hello httpServer
    packages: [python3.13]
    port: 9999
    ingress: public
    userdata: {template: userdata.sh, vars: {QueueResourceName: Greetings}}
functions:
"""
FUNCTION = """\
  hello{number}:
    runtime: python3.13
    handler: hello.handler
    role: !GetAtt SharedRole.Arn
    environment: {{QUEUE_URL: !Ref Greetings, NUMBER: {number}}}
"""

FLOOR = ("-c", "import yaml, jsonschema, jinja2")
CFN_LINT = ("-c", "from cfnlint.runner import main; main()", "build/template.json")
CFN_LINT_IMPORTED = ("-c", "import cfnlint")

LOAD = """
import sys, time, yaml
from omegac.load import load
from omegac.source import Source
text = open(sys.argv[1], encoding="utf-8").read()
start = time.perf_counter()
load(Source("omega.yaml", text))
print((time.perf_counter() - start) / len(text) * 1e6)
"""


class Command(NamedTuple):
    """A process to measure: its name in the tables, what follows the interpreter, where it runs and remembers."""

    name: str
    arguments: tuple[str, ...]
    folder: Path
    memo: str = "off"
    floor: tuple[str, ...] = FLOOR
    """What follows the interpreter in the process that it is held against, in the same folder."""


class Sample(NamedTuple):
    """One run: seconds by the clock, seconds of computing, and the most memory in MB."""

    wall: float
    cpu: float
    memory: float


class Pair(NamedTuple):
    """A run of the floor, and of a command right after it."""

    floor: Sample
    own: Sample


Pairs = dict[str, list[Pair]]
"""The runs of each command, by its name."""


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description="Measures `omegac build`, whole processes, in turn.")
    parser.add_argument("--runs", type=int, default=7, help="rounds (default: %(default)s)")
    runs: int = parser.parse_args().runs
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} processors, medians of {runs} rounds\n")
    with TemporaryDirectory() as temporary:
        place = Path(temporary)
        pairs = _measured(place, runs)
        _print_processes(pairs)
        _print_growth(pairs, place)
        _print_within(place, runs)
        _print_goals(pairs)


def _measured(place: Path, runs: int) -> Pairs:
    """The runs of all commands. A first round is left out: it writes bytecode and fills the memo."""
    commands = [Command("the imports alone", FLOOR, place), *_commands(place)]
    rounds = [{command.name: _pair(command) for command in commands} for _ in range(runs + 1)]
    return {command.name: [pairs[command.name] for pairs in rounds[1:]] for command in commands}


def _pair(command: Command) -> Pair:
    floor = command._replace(name=f"the floor of {command.name}", arguments=command.floor)
    return Pair(_run(floor), _run(command))


def _commands(place: Path) -> Iterator[Command]:
    build = ("-m", "omegac", "build")
    with_arguments = (*build, "omega.yaml", "--out", "build")
    memo = str(place / "memo")
    example = _service(place / "example", (ROOT / "omega.yaml").read_text("utf-8"))
    yield Command("example, cold", build, example)
    yield Command("example, cold, with arguments", with_arguments, example)
    yield Command("example, warm", build, example, memo)
    yield Command("example, warm, with arguments", with_arguments, example, memo)
    lint = ("-m", "omegac", "lint")
    yield Command("lint of it, cold", lint, example, floor=CFN_LINT)
    yield Command("lint of it, unchanged", lint, example, memo, floor=CFN_LINT_IMPORTED)
    hundred = _service(place / "100", _spec(100))
    yield Command("100 functions, cold", build, hundred)
    yield Command("100 functions, warm", build, hundred, memo)
    for functions in GROWTH:
        yield Command(_growth(functions), build, _service(place / str(functions), _spec(functions)))


def _service(folder: Path, spec: str) -> Path:
    """A folder with a spec, and the example's artifact and userdata."""
    shutil.copytree(ROOT / "app", folder / "app", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "userdata.sh", folder)
    (folder / "omega.yaml").write_text(spec, "utf-8")
    return folder


def _spec(functions: int) -> str:
    return SPEC + "".join(FUNCTION.format(number=number) for number in range(functions))


def _growth(functions: int) -> str:
    return f"{functions} function{'s' if functions > 1 else ''} of one role"


def _run(command: Command) -> Sample:
    errors = command.folder / "errors.txt"
    with errors.open("wb") as file:
        start = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, *command.arguments],
            cwd=command.folder,
            env=_environment(command.memo),
            stdout=file,
            stderr=file,
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command.name} failed:\n{errors.read_text('utf-8')}")
    unit = 1 if sys.platform == "darwin" else 1024  # of `ru_maxrss`, in bytes
    return Sample(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit / 1e6)


def _environment(memo: str) -> dict[str, str]:
    """This process's own, without what changes Python's ways, and with the package of this checkout."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OMEGAC_", "PYTHON"))}
    return {**kept, "OMEGAC_MEMO": memo, "PYTHONPATH": str(ROOT)}


def _print_processes(pairs: Pairs) -> None:
    growth = [_growth(functions) for functions in GROWTH]
    _print_table("process", {name: _figures(runs) for name, runs in pairs.items() if name not in growth})


def _print_growth(pairs: Pairs, place: Path) -> None:
    """The same figures, and the computing for each resource beyond those of the smallest spec.

    That is the difference of the quickest runs: what a busy machine adds is more than a few resources cost.
    """
    smallest, fewest = pairs[_growth(GROWTH[0])], _resources(place / str(GROWTH[0]))
    rows = {}
    for functions in GROWTH:
        runs, resources = pairs[_growth(functions)], _resources(place / str(functions))
        each = f"{(_least(runs) - _least(smallest)) / (resources - fewest) * 1e6:.0f}" if resources > fewest else ""
        rows[_growth(functions)] = {**_figures(runs), "resources": str(resources), "cpu µs each": each}
    _print_table("growth", rows)


def _least(runs: Sequence[Pair]) -> float:
    return min(run.own.cpu for run in runs)


def _resources(folder: Path) -> int:
    return len(json.loads((folder / "build" / "template.json").read_bytes())["Resources"])


def _figures(runs: Sequence[Pair]) -> dict[str, str]:
    walls = [run.own.wall for run in runs]
    return {
        "seconds": f"{median(walls):.3f}",
        "min - max": f"{min(walls):.3f} - {max(walls):.3f}",
        "cpu": f"{median(run.own.cpu for run in runs):.3f}",
        "x floor": f"{_floors(runs):.2f}",
        "peak MB": f"{_memory(runs):.1f}",
    }


def _floors(runs: Sequence[Pair]) -> float:
    return median(run.own.wall / run.floor.wall for run in runs)


def _memory(runs: Sequence[Pair]) -> float:
    return median(run.own.memory for run in runs)


def _print_within(place: Path, runs: int) -> None:
    command = [sys.executable, "-c", LOAD, str(place / str(GROWTH[-1]) / "omega.yaml")]
    seconds = [float(subprocess.check_output(command, env=_environment("off"))) for _ in range(runs)]
    row = {"s per MB": f"{median(seconds):.3f}", "min - max": f"{min(seconds):.3f} - {max(seconds):.3f}"}
    _print_table("within a process", {"YAML to values": row})


def _print_goals(pairs: Pairs) -> None:
    goals = [(f"{name}, x floor", _floors(pairs[name]), most) for name, most in GOALS.items()]
    builds = (runs for name, runs in pairs.items() if not name.startswith("lint"))  # that of a lint is cfn-lint's own
    goals.append(("peak MB of any build", max(map(_memory, builds)), MEMORY_GOAL))
    rows = {
        name: {"found": f"{found:.2f}", "at most": f"{most:g}", "": "met" if found <= most else "missed"}
        for name, found, most in goals
    }
    _print_table("goal", rows)


def _print_table(title: str, rows: dict[str, dict[str, str]]) -> None:
    columns = next(iter(rows.values())).keys()
    lines = [(title, *columns), *((name, *cells.values()) for name, cells in rows.items())]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, tuple("-" * width for width in widths))
    for name, *cells in lines:
        aligned = [f"{cell:>{width}}" for cell, width in zip(cells, widths[1:], strict=True)]
        print("  ".join([f"{name:<{widths[0]}}", *aligned]).rstrip())
    print()


if __name__ == "__main__":
    main()
