"""Measures the userdata converter in-process: MB/s at three sizes, against what Python takes at the least.

Texts are one fixed script, an expression in every tenth line. The floor only encodes the text as JSON; the bare
minimum finds, decodes and encodes, and checks nothing. Hostile texts are timed at a size and twice that: a ratio of
two is linear. Compare within one run.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from jinja2 import Environment

from omegac import shipped
from omegac.diagnostics import Rejected
from omegac.source import Origin, Origins, Source, Traced
from omegac.userdata.convert import convert, literal
from omegac.userdata.render import render
from omegac.userdata.script import prove

SIZES = {"16 KB": 16_000, "1 MB": 1_000_000, "16 MB": 16_000_000}
LINES = "".join(f"echo line {number} of the script, as scripts have them; sleep 1\n" for number in range(9))
EXPRESSION = 'ADDRESS={ "Fn::GetAtt" : [ "Database" , "Endpoint.Address" ] } export ADDRESS\n'
OPENING = re.compile(r'\{\s*"(Ref|Fn::[A-Za-z]+)"\s*:\s*')
HOSTILE = {
    "openers, unclosed": '{ "Ref" : ',
    "strings, unclosed": '{ "Ref" : "',
    "openers, nested": '{ "Fn::Base64" : ',
    "braces": "{ } < > ",
    "white space": "{    ",
    "backslashes": "\\\\\\",
}


def script(size: int) -> str:
    """The fixed text, repeated to about a size."""
    block = LINES + EXPRESSION
    return "#!/bin/bash\n" + block * (size // len(block))


def floor(text: str) -> None:
    """What encoding alone takes."""
    json.dumps(text)


def bare_minimum(text: str) -> None:
    """Find, decode, split and encode, and trust whatever is there."""
    decoder = json.JSONDecoder()
    parts: list[Any] = []
    at = 0
    for found in OPENING.finditer(text):
        if found.start() >= at:
            parts += text[at : found.start()].splitlines(keepends=True)
            value, end = decoder.raw_decode(text, found.start())
            parts.append(value)
            at = end
    parts += text[at:].splitlines(keepends=True)
    json.dumps(parts)


def converter(text: str) -> None:
    """The converter, to the encoded expression."""
    pieces = convert(literal(Source("userdata", text)))
    json.dumps(pieces.values)


def proved(text: str) -> None:
    """The converter to the encoded expression that its proof has decoded again."""
    script_text = literal(Source("userdata", text))
    pieces = convert(script_text)
    prove(pieces, script_text)


def from_file(text: str) -> None:
    """What troposphere does with a file of userdata: it converts nothing."""
    from troposphere.helpers import userdata

    with TemporaryDirectory() as folder:
        path = Path(folder) / "userdata"
        path.write_text(text, "utf-8")
        json.dumps(userdata.from_file(str(path)).to_dict())


def seconds(work: Callable[[str], None], text: str) -> float:
    """The median of several runs."""
    return median(timed(work, text) for _ in range(7))


def timed(work: Callable[[str], None], text: str) -> float:
    """The time of one run."""
    start = time.perf_counter()
    work(text)
    return time.perf_counter() - start


def speeds() -> None:
    """The table of MB/s: all in turn, round after round, and each held against the bare minimum right before it."""
    works = {"json.dumps (floor)": floor, "bare minimum": bare_minimum, "omegac": converter, "omegac, proved": proved}
    works["troposphere, from_file"] = from_file
    print(f"{'MB/s':26}" + "".join(f"{size:>10}" for size in SIZES) + "   of the bare minimum")
    table = {name: [_paired(work, script(size)) for size in SIZES.values()] for name, work in works.items()}
    for name, row in table.items():
        megabytes = "".join(f"{speed:10.0f}" for speed, _ in row)
        print(f"{name:26}{megabytes}   " + "  ".join(f"{share:.2f}" for _, share in row))


def _paired(work: Callable[[str], None], text: str) -> tuple[float, float]:
    """MB/s, and the share of the bare minimum's: the median of pairs, more of them for short texts."""
    rounds = 5 if len(text) > 2_000_000 else 31
    pairs = [(timed(bare_minimum, text), timed(work, text)) for _ in range(rounds)]
    return len(text) / 1e6 / median(own for _, own in pairs), median(bare / own for bare, own in pairs)


LOOP = "#!/bin/bash\n{% for name in names %}\n" + LINES + EXPRESSION + "echo {{ name }}\n{% endfor %}\n"
SHELL = {
    "Command": "run",
    "Digest": "0",
    "Environment": [],
    "Family": "ubuntu",
    "HealthCheck": "",
    "Init": "systemd",
    "Packages": [],
    "Port": 80,
    "S3Key": "k",
    "ServerName": "s",
    "ServiceName": "s",
    "Signal": True,
    "SignalResource": "g",
}


def rendering() -> None:
    """Rendering with marks against Jinja2's own: a loop of 200 rounds, and the script that ships, which has few."""
    os.environ["OMEGAC_MEMO"] = "off"
    print()
    compare("a loop of 20, 14 KB", LOOP, {"names": [f"name{number}" for number in range(20)]})
    compare("a loop of 200, 140 KB", LOOP, {"names": [f"name{number}" for number in range(200)]})
    compare("omegac/server.sh", shipped.text("templates/server.sh"), SHELL)


_PAIRS = 100


def compare(what: str, template: str, values: dict[str, Any]) -> None:
    """One template, rendered both ways in turn; the ratio is the median of the pairs'."""
    jinja = Environment(keep_trailing_newline=True, cache_size=0, comment_start_string="\ue000")  # noqa: S701 (shell text)

    def ours(text: str) -> None:
        render(Source("userdata", text), Traced(values, Origins(Origin(None))), lambda name: Source(name, ""))

    def theirs(text: str) -> None:
        jinja.from_string(text).render(**values)

    pairs = [(timed(ours, template), timed(theirs, template)) for _ in range(_PAIRS)]
    one, other = (median(side) for side in zip(*pairs, strict=True))
    times = f"{one * 1e3:.2f} ms with marks, {other * 1e3:.2f} ms in Jinja2"
    print(f"rendering {what}: {times}: x {median(one / other for one, other in pairs):.2f}")


def growth() -> None:
    """Hostile texts at a size and at twice that."""

    def hostile(text: str) -> None:
        try:
            convert(literal(Source("userdata", text)))
        except Rejected:
            return

    print(f"\n{'hostile text':22}{'64 KB':>10}{'128 KB':>10}   ratio")
    for name, part in HOSTILE.items():
        small, large = (part * (size // len(part)) for size in (64_000, 128_000))
        one, other = seconds(hostile, small), seconds(hostile, large)
        print(f"{name:22}{one * 1e3:8.1f}ms{other * 1e3:8.1f}ms   {other / one:.2f}")


if __name__ == "__main__":
    speeds()
    rendering()
    growth()
