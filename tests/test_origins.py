"""Leaf mutation: change each leaf of a spec; what changes in the template must come from that leaf.

'Every value has a place' would be satisfied by the root. This asks that the place is the right one.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from omegac.compiler import compile_spec
from omegac.diagnostics import Rejected
from omegac.load import load
from omegac.reading import read
from omegac.source import Origin, Origins, Route, Span, Traced

ROOT = Path(__file__).resolve().parent.parent
CASES = ROOT / "tests" / "cases" / "good"
SPECS = [
    "example",
    "function-full",
    "function-vpc",
    "server-full",
    "server-size",
    "ami-forms",
    "userdata-inline",
    "raw-sections",
    "overrides",
    "stage@prod",
    "postgres",
    "yaml-forms",
]

SEALED = re.compile(r"(Version|digest )[0-9a-f]{12}\b")
"""The digest in a version's logical id, and in descriptions, changes with everything that the version is a copy of."""

CHOICES = {
    "python3.13": "python3.12", "nodejs22.x": "nodejs24.x", "x86_64": "arm64", "arm64": "x86_64", "iam": "public",
    "public": "iam", "systemd": "supervisord", "ubuntu-24.04": "ubuntu-22.04", "ubuntu-22.04": "ubuntu-24.04",
    "ubuntu-26.04": "ubuntu-24.04", "al2023-minimal": "al2023", "ubuntu": "amazon-linux", "amazon-linux": "ubuntu",
    "supervisord": "systemd", "app": "other", "90": "60", "0x100": "0x101", "c7g.large": "c7g.xlarge",
    "/dev/sda1": "/dev/sdb1", "/dev/xvda": "/dev/xvdb", "off": "auto", "true": "false", "false": "true",
    "us-east-1": "us-east-2", "userdata.sh": "other.sh", "auto": '"off"',
}  # fmt: skip
"""What a leaf that is one of a few turns into."""

UNSEEN = {
    ("omega",): "there is one version of the language",
    ("environment", "OWN"): "the function's own goes over it",
    ("servers", "inline", "command"): "its script starts something else",
    ("servers", "pinned", "ami", "alias"): "the image is pinned, and the other release is like it",
    ("servers", "fixed", "ami", "lookup", "owner"): "the image is pinned",
    ("servers", "fixed", "ami", "lookup", "name"): "the image is pinned",
    ("lint", "OM9999"): "a reason is for readers",
    ("stages", "prod", "stack"): "a stage's stack, region, account, values and protection are for its deployment",
    ("stages", "prod", "region"): "as above",
    ("stages", "prod", "account"): "as above",
    ("stages", "prod", "parameters", "Level"): "as above",
    ("stages", "prod", "protect"): "as above",
}
"""Leaves that rightly leave no trace in a template."""

CHOOSING = ("id", "userdata", "init", "ami", "signal", "key_name", "vpc")
"""Keys of an entry that choose what is written, rather than being written: what they change is known to be of it."""


class Leaf(NamedTuple):
    route: Route
    span: Span
    value: Any


def leaves(document: Traced) -> Iterator[Leaf]:
    """Every scalar that is written in the spec, once."""
    seen = set()
    stack: list[tuple[Route, Any, Origins]] = [((), document.value, document.origins)]
    while stack:
        route, value, origins = stack.pop()
        if isinstance(value, (dict, list)):
            pairs: Any = value.items() if isinstance(value, dict) else enumerate(value)
            stack += (((*route, key), child, origins.at((key,))) for key, child in pairs)
        elif origins.origin and origins.origin.span and origins.origin.via == "spec":
            span = origins.origin.span
            if span.start not in seen:
                seen.add(span.start)
                yield Leaf(route, span, value)


def mutants(leaf: Leaf) -> list[str]:
    """Other texts for a leaf's place."""
    text = leaf.span.source.text[leaf.span.start : leaf.span.end]
    return [mutant for mutant in _candidates(leaf) if mutant != text]


def _candidates(leaf: Leaf) -> Iterator[str]:
    text = leaf.span.source.text[leaf.span.start : leaf.span.end]
    bare = text.strip("\"'")
    if text.startswith(("|", ">")):
        yield text + "\n" + " " * 8 + "# more"
    elif text.startswith("!"):
        tag, argument = text.split(" ", 1)
        yield f"{tag} {argument.rstrip(chr(34))}x{chr(34) if argument.endswith(chr(34)) else ''}"
        yield f"{tag} AWS::Partition"
    elif bare in CHOICES:
        yield CHOICES[bare]
    elif isinstance(leaf.value, bool):
        yield str(not leaf.value).lower()
    elif isinstance(leaf.value, int):
        yield str(leaf.value + 1)
        yield str(leaf.value - 1)
    elif text.endswith('"'):
        yield text[:-1] + 'x"'
        yield re.sub("[0-9]", "7", text)
    else:
        yield text + "x"
        yield text + "7"
        yield re.sub(r"[0-9](?=[^0-9]*$)", "3", text)
        yield text[:-1]


class Outcome(NamedTuple):
    values: dict[Route, Any]
    root: Traced
    text: str


def outcome(folder: Path, stage: str | None) -> Outcome | None:
    """What a spec compiles to, values by route; None where it is refused."""
    try:
        compilation = compile_spec(folder / "omega.yaml", stage).compilation
    except Rejected:
        return None
    compilation.artifact.content.close()
    return Outcome(dict(scalars(compilation.root.value)), compilation.root, compilation.template)


def scalars(value: Any, route: Route = ()) -> Iterator[tuple[Route, Any]]:
    if isinstance(value, (dict, list)) and value:
        pairs: Any = value.items() if isinstance(value, dict) else enumerate(value)
        for key, child in pairs:
            yield from scalars(child, (*route, key))
    else:
        yield route, value


def unsealed(values: dict[Route, Any]) -> dict[Route, Any]:
    def plain(part: Any) -> Any:
        return SEALED.sub(r"\1", part) if isinstance(part, str) else part

    return {tuple(plain(step) for step in route): plain(value) for route, value in values.items()}


def changed(before: Outcome, after: Outcome) -> Iterator[tuple[Route, list[Origin]]]:
    """The routes whose values differ, with the origins of the later one where it is there."""
    old, new = unsealed(before.values), unsealed(after.values)
    sealed_after, sealed_before = dict(zip(new, after.values, strict=True)), dict(zip(old, before.values, strict=True))
    for route in old.keys() | new.keys():
        if old.get(route) != new.get(route) or (route in old) != (route in new):
            where, sealed = (after, sealed_after) if route in new else (before, sealed_before)
            whole = (route[:2] in {other[:2] for other in old}) != (route[:2] in {other[:2] for other in new})
            yield route, origins_at(where.root, sealed[route][: 2 if whole else None])


def origins_at(root: Traced, route: Route) -> list[Origin]:
    """All that a value was made from; one inside an intrinsic came along with the whole of it."""
    intrinsic = next((n for n, step in enumerate(route) if step == "Ref" or str(step).startswith("Fn::")), len(route))
    return [*root.at(*route).origin.chain(), *root.at(*route[:intrinsic]).origin.chain()]


def comes_from(origins: list[Origin], leaf: Leaf, entry: Span | None) -> bool:
    """Whether a value's origins lead to the leaf itself; for a key that chooses, to the entry or what is in it."""
    for origin in origins:
        span = origin.span
        if span and span.source.name == "omega.yaml":
            if span.start == leaf.span.start:
                return True
            block = leaf.span.source.text[leaf.span.start] == "|"
            if block and leaf.span.start <= span.start <= leaf.span.end + 20:
                return True
            if entry and entry.start <= span.start < entry.end:
                return True
    return False


@pytest.mark.parametrize("name", SPECS)
def test_what_changes_comes_from_the_leaf_that_changed(name: str, tmp_path: Path, subtests: Any) -> None:
    """Each leaf changes something, and every change in the template leads back to that leaf."""
    folder = tmp_path / "case"
    if name == "example":
        shutil.copytree(ROOT / "app", folder / "app", ignore=shutil.ignore_patterns("__pycache__"))
        for file in ("omega.yaml", "userdata.sh"):
            shutil.copy(ROOT / file, folder / file)
    else:
        shutil.copytree(CASES / name, folder)
    shutil.copytree(folder / "app", folder / "other")
    (folder / "other" / "more.py").write_text("more = True\n", "utf-8")
    if (folder / "userdata.sh").exists():
        text = (folder / "userdata.sh").read_text("utf-8")
        (folder / "other.sh").write_text(text.replace("/etc/", "/srv/"), "utf-8")
    stage = name.split("@")[1] if "@" in name else None
    spec = folder / "omega.yaml"
    text = spec.read_text("utf-8")
    before = outcome(folder, stage)
    assert before
    count = 0
    document = load(read(spec, "omega.yaml"))
    for leaf in leaves(document):
        chooses = len(leaf.route) > 2 and leaf.route[2] in CHOOSING
        entry = document.at(*leaf.route[:2]).origin.span if chooses else None
        count += 1
        with subtests.test(leaf=".".join(map(str, leaf.route))):
            after = None
            for mutant in mutants(leaf):
                spec.write_text(text[: leaf.span.start] + mutant + text[leaf.span.end :], "utf-8")
                after = outcome(folder, stage)
                if after:
                    break
            if after is None:
                continue  # refused whatever it says: what it says matters
            if leaf.route in UNSEEN or (leaf.route[0] == "stages" and leaf.route[1] != stage):
                assert after.text == before.text
                continue
            overridden = stage and leaf.route[0] != "stages"
            assert overridden or after.text != before.text, "this leaf changes nothing"
            lost = [
                ".".join(map(str, route))
                for route, origins in changed(before, after)
                if not comes_from(origins, leaf, entry)
            ]
            assert not lost, f"{leaf.value!r}: {lost[:8]}"
    assert count > 5
