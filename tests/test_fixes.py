"""What of a spec's faults can be mended without a doubt, and what cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from omegac.diagnostics import Diagnostic, Rejected
from omegac.fixing import apply
from omegac.load import load
from omegac.reading import read
from omegac.stage import stage
from omegac.validate import validate

HEAD = "omega: 1\nservice: Shop\nartifact: app\n"
FUNCTION = "functions: {a: {runtime: python3.13, handler: a.b, KEY}}\n"
SERVER = "servers: {a: {command: ./run, port: 80, ingress: public, KEY}}\n"

MENDED = {
    "case": ("Description: x", "description: x"),
    "CloudFormation's spelling": (FUNCTION.replace("KEY", "DeadLetter: x"), FUNCTION.replace("KEY", "dead_letter: x")),
    "dash": (FUNCTION.replace("KEY", "dead-letter: x"), FUNCTION.replace("KEY", "dead_letter: x")),
    "no dash": (SERVER.replace("KEY", "user_data: x"), SERVER.replace("KEY", "userdata: x")),
    "key in quotes": (SERVER.replace("KEY", '"UserData": x'), SERVER.replace("KEY", '"userdata": x')),
    "two spellings": ("resources: {Q: {type: A::B, depends_on: C}}", "resources: {Q: {Type: A::B, DependsOn: C}}"),
    "enum": (FUNCTION.replace("KEY", "arch: ARM64"), FUNCTION.replace("KEY", "arch: arm64")),
    "enum in quotes": (FUNCTION.replace("KEY", "url: 'Public'"), FUNCTION.replace("KEY", "url: 'public'")),
    "enum that needs quotes": (SERVER.replace("KEY", "signal: o-f-f"), SERVER.replace("KEY", 'signal: "off"')),
    "runtime": (FUNCTION.replace("python3.13", "Python-3.13").replace(", KEY", ""), FUNCTION.replace(", KEY", "")),
    "instance type": (
        SERVER.replace("KEY", "instance_type: T3.Micro"),
        SERVER.replace("KEY", "instance_type: t3.micro"),
    ),
    "type of a parameter": ("parameters: {P: {type: string}}", "parameters: {P: {type: String}}"),
    "number": ("tags: {Room: 0x1F}", 'tags: {Room: "0x1F"}'),
    "boolean": ("tags: {Paid: True}", 'tags: {Paid: "True"}'),
    "in a stage": ("stages: {prod: {Tags: {a: 1}}}", 'stages: {prod: {tags: {a: "1"}}}'),
    "behind an anchor, at its own place": (
        "tags: &t {a: 1}\nstages: {prod: {tags: *t}}",
        'tags: &t {a: "1"}\nstages: {prod: {tags: *t}}',
    ),
}

LEFT = {
    "another word": FUNCTION.replace("KEY", "MemorySize: 256"),
    "a slip": FUNCTION.replace("KEY", "timout: 3"),
    "a slip in a value": FUNCTION.replace("KEY", "arch: arm46"),
    "the right key is there, too": "description: x\nDescription: y",
    "twice": FUNCTION.replace("KEY", "Memory: 256, MEMORY: 512"),
    "quotes would not make it right": "omega: 2\nservice: 7\nartifact: app\n",
    "a number where several kinds are allowed": SERVER.replace("KEY", "userdata: 7"),
    "a number among values": FUNCTION.replace("python3.13", "3.13").replace(", KEY", ""),
    "text where a number is needed": FUNCTION.replace("KEY", 'memory: "256"'),
    "with an anchor": "tags: {a: &n 1}",
    "only by an alias": "environment: &e {PORT: 80}\ntags: *e",
    "only by a merge": "environment: &e {PORT: 80}\ntags: {<<: *e}",
    "over lines": "functions: {a: {runtime: python3.13, handler: a.b, arch: |-\n    ARM64\n  }}",
    "an intrinsic": "environment: {A1: {ref: X}}",
}


def faults(path: Path) -> tuple[Diagnostic, ...]:
    """What is wrong with a spec, in its stage `prod` where it has one."""
    try:
        document = load(read(path, path.name))
        validate(stage(document, "prod" if "stages" in document.value else None))
    except Rejected as rejected:
        return rejected.diagnostics
    return ()


def written(folder: Path, text: str) -> Path:
    path = folder / "omega.yaml"
    path.write_text(text if text.startswith("omega") else f"{HEAD}{text}\n", "utf-8")
    return path


@pytest.mark.parametrize(("before", "after"), MENDED.values(), ids=MENDED.keys())
def test_mended(before: str, after: str, tmp_path: Path) -> None:
    """A name in another spelling gets its own, a number or a boolean that should be text gets quotes; that is all."""
    path = written(tmp_path, before)
    while apply(faults(path)):
        pass
    assert path.read_text("utf-8") == f"{HEAD}{after}\n"
    assert faults(path) == ()


@pytest.mark.parametrize("text", LEFT.values(), ids=LEFT.keys())
def test_left(text: str, tmp_path: Path) -> None:
    """Where there is any doubt about what is meant, or about what else would change, nothing is offered."""
    found = faults(written(tmp_path, text))
    assert found
    assert [fault.fix for fault in found if fault.fix] == []
