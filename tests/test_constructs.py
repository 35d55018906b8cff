"""The contract of constructs: each has its schema and its documentation, and their order makes no difference."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import omegac.constructs
from omegac.compiler import compile_spec
from omegac.constructs import constructs

ROOT = Path(__file__).resolve().parent.parent
SCHEMAS = {path.name.removesuffix(".schema.json"): path for path in (ROOT / "schemas" / "constructs").glob("*.json")}
FULL = [
    ROOT / "tests" / "cases" / "good" / name / "omega.yaml" for name in ("function-full", "server-full", "ami-forms")
]


def test_each_has_its_schema() -> None:
    """Every construct that adds keys has a schema of its name; the script's keys are those of `boot`."""
    assert set(constructs()) - set(SCHEMAS) == {"session"}
    assert set(SCHEMAS) - set(constructs()) == {"userdata"}


def test_each_key_is_documented() -> None:
    """Every key that a construct adds stands in the reference, and a good and a bad case use it."""
    reference = (ROOT / "docs" / "language.md").read_text("utf-8")
    specs = {
        kind: "\n".join(path.read_text("utf-8") for path in (ROOT / "tests" / "cases" / kind).rglob("omega.yaml"))
        for kind in ("good", "bad")
    }
    for path in SCHEMAS.values():
        for place in json.loads(path.read_text("utf-8"))["places"].values():
            for key, schema in place["properties"].items():
                assert f"| `{key}` |" in reference
                assert f"{key}:" in specs["bad"] + specs["good"], key
                if "not" not in schema:
                    assert f"{key}:" in specs["good"], key


@pytest.mark.parametrize("spec", FULL, ids=lambda spec: spec.parent.name)
def test_their_order_makes_no_difference(spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Constructs only tell each other facts, so that any order of them gives the same template."""
    there = constructs()
    wanted = compile_spec(spec).compilation
    wanted.artifact.content.close()
    monkeypatch.setattr(omegac.constructs, "constructs", lambda: dict(reversed(there.items())))
    found = compile_spec(spec).compilation
    found.artifact.content.close()
    assert found.template == wanted.template
