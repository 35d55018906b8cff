"""Golden cases of the rules for any template: a template in, rendered diagnostics beside it."""

from __future__ import annotations

import os
from contextlib import chdir
from pathlib import Path

import pytest

from omegac.compiler import template_body
from omegac.report.text import as_text
from omegac.rules import of_template

CASES = Path(__file__).parent / "cases" / "template"
REWRITE = os.environ.get("OMEGAC_GOLDEN") == "rewrite"


@pytest.mark.parametrize("case", sorted(CASES.iterdir()), ids=lambda case: case.name)
def test_golden(case: Path) -> None:
    """A template gets the diagnostics beside it, or none where there is no such file."""
    with chdir(case):
        found = sorted(of_template(template_body(Path("template.yaml"))), key=lambda d: d.span.start if d.span else 0)
    text = as_text(found)
    golden = case / "diagnostics.txt"
    if REWRITE and text:
        golden.write_text(text, "utf-8")
    assert text == (golden.read_text("utf-8") if golden.exists() else "")
