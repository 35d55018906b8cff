"""Golden cases: a spec in, a template or rendered diagnostics beside it; and what holds for every case."""

from __future__ import annotations

import json
import os
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest

from omegac.compiler import Checked, compile_spec
from omegac.diagnostics import Rejected
from omegac.report.text import as_text

CASES = Path(__file__).parent / "cases"
ROOT = CASES.parent.parent
GOOD, BAD = "template.json", "diagnostics.txt"
REWRITE = os.environ.get("OMEGAC_GOLDEN") == "rewrite"


def cases() -> list[Path]:
    return sorted(path.parent for path in CASES.rglob("omega.yaml"))


def stage_of(case: Path) -> str | None:
    """A case named `…@prod` is compiled with `--stage prod`."""
    return case.name.split("@")[1] if "@" in case.name else None


def compiled(case: Path) -> Checked | str:
    """The compilation of a case, or its rendered diagnostics."""
    try:
        with chdir(case):
            result = compile_spec(Path("omega.yaml"), stage_of(case))
    except Rejected as rejected:
        return as_text(rejected.diagnostics)
    result.compilation.artifact.content.close()
    return result


def expect(path: Path, text: str) -> None:
    """Compares with a golden file, or rewrites it."""
    if REWRITE:
        path.write_text(text, "utf-8")
    assert path.exists(), f"{path} is missing: run `make golden`"
    assert text == path.read_text("utf-8")


@pytest.mark.parametrize("case", cases(), ids=lambda case: str(case.relative_to(CASES)))
def test_golden(case: Path) -> None:
    """A case compiles to its template and warnings, or is refused with its diagnostics."""
    result = compiled(case)
    if case.parent.name == "bad":
        assert isinstance(result, str), "this case should be refused"
        expect(case / BAD, result)
        return
    assert isinstance(result, Checked), result
    expect(case / GOOD, result.compilation.template)
    warnings = as_text(result.warnings)
    if warnings or (case / BAD).exists():
        expect(case / BAD, warnings)


@pytest.fixture(
    params=[case for case in cases() if case.parent.name == "good"], ids=lambda case: str(case.relative_to(CASES))
)
def good(request: pytest.FixtureRequest) -> Path:
    """A case that compiles."""
    path: Path = request.param
    return path


def test_same_bytes_twice(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Template, map and artifact are the same bytes each time, with and without what was remembered."""
    results = []
    for memo in ("off", "", ""):
        if memo:
            monkeypatch.setenv("OMEGAC_MEMO", memo)
        else:
            monkeypatch.delenv("OMEGAC_MEMO", raising=False)
        result = compiled(good)
        assert isinstance(result, Checked)
        results.append((result.compilation.template, result.compilation.map, result.compilation.artifact.sha256))
    assert results[0] == results[1] == results[2]


def test_every_value_has_a_place(good: Path) -> None:
    """Every value of a template has a span in the spec, or in a template that the spec names."""
    result = compiled(good)
    assert isinstance(result, Checked)
    root = result.compilation.root
    for route in routes(root.value):
        assert any(origin.span for origin in root.at(*route).origin.chain()), route


def routes(value: Any, route: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every route within a value."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [route, *(inner for key, child in pairs for inner in routes(child, (*route, key)))]


def test_no_finding_of_cfn_lint(subtests: Any) -> None:
    """No good case and no example has an error or a warning of cfn-lint; one process lints them all."""
    from cfnlint import lint
    from cfnlint.config import ManualArgs

    templates = {case.name: (case / GOOD).read_text("utf-8") for case in cases() if case.parent.name == "good"}
    for spec in [ROOT / "omega.yaml", *ROOT.glob("examples/*/omega.yaml")]:
        compilation = compile_spec(spec).compilation
        compilation.artifact.content.close()
        templates[spec.parent.name] = compilation.template
    assert len(templates) > 15
    for case, template in templates.items():
        with subtests.test(case=case):
            matches = lint(template, config=ManualArgs(regions=["us-east-1"]))
            assert [f"{match.rule.id} {match.message} {list(match.path)}" for match in matches] == []


def test_the_map_is_json_and_names_its_sources(good: Path) -> None:
    """The map is JSON, its template's digest is right, and its spans lie in the sources that it names."""
    from hashlib import sha256

    result = compiled(good)
    assert isinstance(result, Checked)
    found = json.loads(result.compilation.map)
    assert found["version"] == 1
    assert found["template"] == sha256(result.compilation.template.encode()).hexdigest()
    names = [source["name"] for source in found["sources"]]
    assert names[0] == "omega.yaml"
    assert all(not name.startswith("/") for name in names)
    assert all(origin["at"][0] < len(names) for origin in found["origins"].values() if "at" in origin)
