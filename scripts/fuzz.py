"""Compiles specs, templates and scripts that were changed at random, and reports where omegac breaks its word.

Only `Rejected` may come out, each fault with a place, and fit for every format (`verdicts` has all of it). The same
seed gives the same inputs. They are judged in processes of their own: a crash of the interpreter is seen and laid to
its input, and a time limit ends whatever hangs. What failed is reduced to the little that still fails in the same
way, and kept; `--again FILE` tries a spec or template of those once more.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory, TemporaryFile
from types import TracebackType
from typing import Any, Self

from scripts.mutations import mutated
from scripts.verdicts import ROOT, Files, Input, Verdict, copy_around, judge, judged

SPECS = ("omega.yaml", "examples/*/omega.yaml", "tests/cases/good/*/omega.yaml")
TEMPLATES = ("tests/cases/template/*/template.yaml", "tests/cases/good/*/template.json")
"""What is changed, and with a spec the scripts beside it: two thirds are specs, of which there are fewer."""
SCRIPTS = (".sh", ".j2", ".tmpl")
KEPT = ROOT / "build" / "fuzz"
PATIENCE = 5
"""For as long as so many inputs may take, one that failed is made smaller."""
LAST_WORDS = 4_000
"""Characters of what a process said before it died."""


def main() -> None:
    """Tries as many inputs as wanted; exits with 1 if any failed."""
    parser = argparse.ArgumentParser(description="Compiles what was changed at random; exits with 1 if any failed.")
    parser.add_argument("count", nargs="?", type=int, default=20_000, help="how many inputs; 20000")
    parser.add_argument("--seed", type=int, default=0, help="another seed, other inputs; 0")
    parser.add_argument("--seconds", type=float, default=20, help="how long one may take; 20")
    parser.add_argument("--out", metavar="DIR", type=Path, default=KEPT, help="where to keep failures; build/fuzz")
    parser.add_argument("--again", metavar="FILE", type=Path, help="try a spec or template from there once more")
    parser.add_argument("--judge", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.judge:
        judge(chosen.seconds)
    elif chosen.again:
        sys.exit(again(chosen.again))
    else:
        sys.exit(fuzz(chosen.count, chosen.seed, chosen.seconds, chosen.out))


def fuzz(count: int, seed: int, seconds: float, out: Path) -> int:
    """Tries inputs on every processor, and says what became of them."""
    start = time.monotonic()
    lanes = os.cpu_count() or 1
    with ThreadPoolExecutor(lanes) as pool:
        parts = pool.map(partial(tried, seed, seconds), (range(lane, count, lanes) for lane in range(lanes)))
        verdicts = {number: verdict for part in parts for number, verdict in part.items()}
    took = time.monotonic() - start
    outcomes = Counter(verdict.outcome for verdict in verdicts.values())
    codes = sorted({code for verdict in verdicts.values() for code in verdict.codes})
    failures = {number: verdict for number, verdict in sorted(verdicts.items()) if verdict.failed}
    print(f"{count:,} inputs of seed {seed} in {took:.0f} seconds by {lanes} processes")
    print(f"{outcomes['compiled']:,} compiled, {outcomes['refused']:,} refused, {len(failures):,} failed")
    print(f"{len(codes)} codes: {' '.join(codes)}")
    for outcome in dict.fromkeys(verdict.outcome for verdict in failures.values()):
        number, verdict = next(pair for pair in failures.items() if pair[1].outcome == outcome)
        print(f"\n{outcome}: {outcomes[outcome]:,} inputs; the first, {number}, is kept in")
        print(f"{keep(made(seed, number), verdict, seconds, out / _name(number, outcome))}\n{verdict.detail}")
    return 1 if failures else 0


def tried(seed: int, seconds: float, numbers: range) -> dict[int, Verdict]:
    """The verdicts on some inputs."""
    with Judge(seconds) as court:
        return {number: court.ask(made(seed, number)) for number in numbers}


def made(seed: int, number: int) -> Input:
    """The input of a number: a spec or template changed, or scripts of it, or both."""
    random = Random(f"{seed} {number}")  # noqa: S311 (to make inputs, not keys)
    chosen, other = (random.choice(seeds(random.choice((SPECS, SPECS, TEMPLATES)))) for _ in range(2))
    scripts = [name for name in chosen.files if name != chosen.main]
    targets = random.choice([[chosen.main], [chosen.main], scripts or [chosen.main], list(chosen.files)])
    files = dict(chosen.files)
    for name in targets:
        is_main = name == chosen.main
        donor = other.files[other.main if is_main else random.choice(list(other.files))]
        files[name] = mutated(random, files[name].decode(), donor.decode(), is_yaml=is_main)
    return chosen._replace(files=files)


@cache
def seeds(patterns: tuple[str, ...]) -> list[Input]:
    """What there is of some patterns, as it is."""
    return [_seed(main) for main in sorted(path for pattern in patterns for path in ROOT.glob(pattern))]


def _seed(main: Path) -> Input:
    scripts = sorted(path for path in main.parent.iterdir() if path.suffix in SCRIPTS and main.name == "omega.yaml")
    files = {path.name: path.read_bytes() for path in (main, *scripts)}
    return Input(main.parent.relative_to(ROOT).as_posix(), main.name, files)


class Judge:
    """A process that tries one input after the other; where one kills it, another takes over."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def __enter__(self) -> Self:
        self.said: Any = TemporaryFile()  # a pipe that nobody reads would fill up
        command = [sys.executable, __file__, "--judge", "--seconds", str(self.seconds)]
        environment = {**os.environ, "OMEGAC_MEMO": "off"}
        self.process: Any = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.said, text=True, env=environment
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.communicate()
        self.said.close()

    def ask(self, given: Input) -> Verdict:
        """What becomes of an input."""
        files = {name: raw.decode("latin-1") for name, raw in given.files.items()}
        try:
            self.process.stdin.write(json.dumps([given.folder, given.main, files]) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            return self._died()
        outcome, codes, detail = json.loads(line)
        return Verdict(outcome, tuple(codes), detail)

    def _died(self) -> Verdict:
        code = self.process.wait()
        self.said.seek(0)
        detail = self.said.read().decode(errors="replace")
        outcome = f"longer than {self.seconds:g} seconds" if "Timeout (" in detail else f"the process ended with {code}"
        self.__exit__(None, None, None)
        self.__enter__()
        return Verdict(outcome, (), detail[-LAST_WORDS:])


def _name(number: int, outcome: str) -> str:
    return f"{number}-{re.sub(r'[^A-Za-z0-9]+', '-', outcome).strip('-')}"


def keep(given: Input, verdict: Verdict, seconds: float, folder: Path) -> Path:
    """The folder that a failed input has been put into, as small as it gets."""
    shutil.rmtree(folder, ignore_errors=True)
    copy_around(given, folder)
    for name, raw in reduced(given, verdict, seconds).files.items():
        (folder / name).write_bytes(raw)
    (folder / "failure.txt").write_text(f"{verdict.outcome}\n\n{verdict.detail}", "utf-8")
    return folder


def reduced(given: Input, verdict: Verdict, seconds: float) -> Input:
    """The same failure with less in each of its files: first whole lines are left out, then words, then characters."""
    end = time.monotonic() + PATIENCE * seconds
    with Judge(seconds) as court:

        def fails(files: Files) -> bool:
            return time.monotonic() < end and court.ask(given._replace(files=files)).outcome == verdict.outcome

        files = given.files
        for between in (rb"(?<=\n)", rb"(?<=[\s,])", rb""):
            for name in files:
                files = {**files, name: _least(re.split(between, files[name]), partial(_with, files, name, fails))}
    return given._replace(files=files)


def _with(files: Files, name: str, fails: Callable[[Files], bool], content: bytes) -> bool:
    return fails({**files, name: content})


def _least(parts: list[bytes], fails: Callable[[bytes], bool]) -> bytes:
    """What is left of some parts once those are gone that the failure does not need: halves first, then single ones."""
    size = len(parts) // 2
    while size:
        start = 0
        while start < len(parts):
            fewer = parts[:start] + parts[start + size :]
            if fails(b"".join(fewer)):
                parts = fewer
            else:
                start += size
        size //= 2
    return b"".join(parts)


def again(file: Path) -> int:
    """Tries one spec or template, and says what became of it."""
    with TemporaryDirectory() as scratch:
        shutil.copytree(file.parent, Path(scratch) / "again")
        verdict = judged(Input("again", file.name, {}), Path(scratch))
    print(verdict.outcome, *verdict.codes)
    print(verdict.detail, end="")
    return 1 if verdict.failed else 0


if __name__ == "__main__":
    main()
