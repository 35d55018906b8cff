"""Measures how long `omegac build` takes and how much memory: the example, a hundred functions, and growth.

Every command is run in turn, round after round, so that a busy moment hits all alike; a ratio is the median of the
rounds' own ratios. Compare ratios: seconds are those of one machine at one time. Whole processes are measured, from
their start to their end, by the interpreter that runs this.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ("app", "omega.yaml", "userdata.sh")
FLOOR = "the imports alone"
MEGABYTE = 1_000_000

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
GROWTH = (1, 13, 28, 58, 118)
"""Functions; four resources each, eight for all the rest: a template holds 500."""

PARSE = """
import sys, time
from omegac.load import load
from omegac.source import Source
text = open(sys.argv[1], encoding="utf-8").read()
start = time.perf_counter()
load(Source("omega.yaml", text))
print((time.perf_counter() - start) / len(text) * 1e6)
"""
ZIP = """
import io, sys, time
from omegac.zipping import Member, store
size = 32_000_000
with open(sys.argv[1], "wb") as file:
    file.write(bytes(size))
start = time.perf_counter()
store([Member("file", sys.argv[1], size)], io.BytesIO())
print((time.perf_counter() - start) / size * 1e6)
"""


class Command(NamedTuple):
    """A process to measure: what it is called in the tables, its arguments after the interpreter, and where it runs."""

    name: str
    arguments: tuple[str, ...]
    folder: Path
    memo: str = "off"


class Sample(NamedTuple):
    """One run: seconds by the clock and of computing, and the largest memory in bytes."""

    wall: float
    cpu: float
    memory: int


Samples = dict[str, list[Sample]]


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description="Measures `omegac build`, whole processes, in turn.")
    parser.add_argument("--runs", type=int, default=7, help="rounds (default: %(default)s)")
    runs: int = parser.parse_args().runs
    with TemporaryDirectory() as temporary:
        place = Path(temporary)
        commands = list(_commands(place))
        samples = _measured(commands, runs)
        version = ".".join(map(str, sys.version_info[:3]))
        print(f"Python {version}, {os.cpu_count()} processors, medians of {runs} rounds\n")
        _print_processes(commands, samples)
        _print_growth(place, samples)
        _print_inner(place, runs)
        _print_goals(samples)


def _commands(place: Path) -> Iterator[Command]:
    build = ("-m", "omegac", "build")
    yield Command(FLOOR, ("-c", "import yaml, jsonschema, jinja2"), place)
    example = place / "example"
    shutil.copytree(ROOT / "app", example / "app", ignore=shutil.ignore_patterns("__pycache__"))
    for name in EXAMPLE:
        if (ROOT / name).is_file():
            shutil.copy(ROOT / name, example)
    with_arguments = (*build, "omega.yaml", "--out", "build")
    memo = str(place / "memo")
    yield Command("example, cold", build, example)
    yield Command("example, cold, with arguments", with_arguments, example)
    yield Command("example, warm", build, example, memo)
    yield Command("example, warm, with arguments", with_arguments, example, memo)
    yield Command("100 functions, cold", build, _many(place, 100))
    yield Command("100 functions, warm", build, _many(place, 100), memo)
    for functions in GROWTH:
        yield Command(_growth(functions), build, _many(place, functions))


def _growth(functions: int) -> str:
    return f"{functions} functions, cold" if functions > 1 else "1 function, cold"


def _many(place: Path, functions: int) -> Path:
    """A folder with a spec of so many functions."""
    folder = place / str(functions)
    if not folder.exists():
        shutil.copytree(place / "example", folder, ignore=shutil.ignore_patterns("build"))
        spec = SPEC + "".join(FUNCTION.format(number=number) for number in range(functions))
        (folder / "omega.yaml").write_text(spec, "utf-8")
    return folder


def _measured(commands: list[Command], runs: int) -> Samples:
    """Samples of each command, by its name; a first round, which compiles to bytecode and fills the memo, is left out."""
    samples: Samples = {command.name: [] for command in commands}
    for number in range(runs + 1):
        for command in commands:
            sample = _run(command)
            if number:
                samples[command.name].append(sample)
    return samples


def _run(command: Command) -> Sample:
    errors = command.folder / "errors.txt"
    with errors.open("wb") as file:
        start = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, *command.arguments], cwd=command.folder, env=_environment(command.memo), stderr=file
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command.name} failed:\n{errors.read_text('utf-8')}")
    unit = 1 if sys.platform == "darwin" else 1024  # of `ru_maxrss`
    return Sample(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit)


def _environment(memo: str) -> dict[str, str]:
    """That of this process, with bytecode kept and the package of this checkout."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OMEGAC_", "PYTHON"))}
    return {**kept, "OMEGAC_MEMO": memo, "PYTHONPATH": str(ROOT)}


def _print_processes(commands: Iterable[Command], samples: Samples) -> None:
    rows = [
        (
            command.name,
            f"{_wall(samples, command.name):.3f}",
            "{:.3f} - {:.3f}".format(*_range(samples[command.name])),
            f"{median(sample.cpu for sample in samples[command.name]):.3f}",
            f"{_ratio(samples, command.name):.2f}",
            f"{_memory(samples, command.name):.1f}",
        )
        for command in commands
        if command.name not in map(_growth, GROWTH)
    ]
    _print_table(("process", "seconds", "min - max", "cpu", "x floor", "peak MB"), rows)


def _print_growth(place: Path, samples: Samples) -> None:
    counts = {functions: _resources(place / str(functions)) for functions in GROWTH}
    first = GROWTH[0]
    rows = []
    for functions, resources in counts.items():
        name = _growth(functions)
        more = median(
            sample.wall - base.wall for sample, base in zip(samples[name], samples[_growth(first)], strict=True)
        )
        each = f"{more / (resources - counts[first]) * 1e6:.0f}" if functions != first else ""
        wall, memory = f"{_wall(samples, name):.3f}", f"{_memory(samples, name):.1f}"
        rows.append((name, str(resources), wall, each, f"{_ratio(samples, name):.2f}", memory))
    _print_table(("growth", "resources", "seconds", "µs each more", "x floor", "peak MB"), rows)


def _resources(folder: Path) -> int:
    return len(json.loads((folder / "build" / "template.json").read_bytes())["Resources"])


def _print_inner(place: Path, runs: int) -> None:
    programs = {"YAML to values": (PARSE, place / "118" / "omega.yaml"), "files to a zip": (ZIP, place / "zeros")}
    rows = []
    for name, (program, path) in programs.items():
        seconds = [float(_printed(program, path)) for _ in range(runs)]
        rows.append((name, f"{median(seconds):.4f}", f"{min(seconds):.4f} - {max(seconds):.4f}"))
    _print_table(("within a process", "s per MB", "min - max"), rows)


def _printed(program: str, path: Path) -> str:
    command = [sys.executable, "-c", program, str(path)]
    return subprocess.run(command, env=_environment("off"), check=True, capture_output=True, text=True).stdout


def _print_goals(samples: Samples) -> None:
    highest = max(_memory(samples, name) for name in samples)
    goals = [
        ("the example, cold, x floor", _ratio(samples, "example, cold"), 1.5),
        ("100 functions, cold, x floor", _ratio(samples, "100 functions, cold"), 2.0),
        ("peak MB of any", highest, 60.0),
    ]
    rows = [
        (name, f"{found:.2f}", f"{most:g}", "met" if found <= most else "missed") for name, found, most in goals
    ]
    _print_table(("goal", "found", "at most", ""), rows)


def _wall(samples: Samples, name: str) -> float:
    return median(sample.wall for sample in samples[name])


def _range(samples: list[Sample]) -> tuple[float, float]:
    walls = [sample.wall for sample in samples]
    return min(walls), max(walls)


def _ratio(samples: Samples, name: str) -> float:
    """How many times the floor a command takes: the median over the rounds."""
    return median(sample.wall / floor.wall for sample, floor in zip(samples[name], samples[FLOOR], strict=True))


def _memory(samples: Samples, name: str) -> float:
    return median(sample.memory for sample in samples[name]) / MEGABYTE


def _print_table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    for row in (heads, tuple("-" * width for width in widths), *rows):
        cells = [cell.ljust(width) if not index else cell.rjust(width) for index, (cell, width) in enumerate(zip(row, widths, strict=True))]
        print("  ".join(cells).rstrip())
    print()


if __name__ == "__main__":
    main()
