"""CloudFormation's quotas, on specs that go just beyond them."""

from __future__ import annotations

from pathlib import Path

import pytest

from omegac.compiler import compile_spec
from omegac.diagnostics import Rejected

HEAD = "omega: 1\nservice: Shop\nartifact: app\n"


def codes(folder: Path, spec: str) -> list[str]:
    """The codes that a spec is refused with."""
    (folder / "app").mkdir(exist_ok=True)
    (folder / "app" / "main.py").write_text("x = 1\n", "utf-8")
    (folder / "omega.yaml").write_text(HEAD + spec, "utf-8")
    try:
        compile_spec(folder / "omega.yaml").compilation.artifact.content.close()
    except Rejected as rejected:
        return [diagnostic.code for diagnostic in rejected.diagnostics]
    return []


@pytest.mark.parametrize(
    ("section", "entry", "limit"),
    [
        ("resources", "{Type: AWS::SNS::Topic}", 500),
        ("parameters", "{default: x}", 200),
        ("outputs", "{Value: x}", 200),
        ("mappings", "{a: {b: c}}", 200),
    ],
)
def test_counts(section: str, entry: str, limit: int, tmp_path: Path) -> None:
    """A template may hold so many of each, and not one more."""
    written = [f"{section}:\n" + "".join(f"  X{n}: {entry}\n" for n in range(count)) for count in (limit, limit + 1)]
    assert codes(tmp_path, written[0]) == []
    assert codes(tmp_path, written[1]) == ["OM3101"]


def test_template_size(tmp_path: Path) -> None:
    """A template of a million bytes without white space is the largest that CloudFormation takes."""
    written = [
        f"resources: {{T: {{Type: AWS::SNS::Topic, Metadata: {{text: {'x' * size}}}}}}}\n"
        for size in (999_000, 1_000_000)
    ]
    assert codes(tmp_path, written[0]) == []
    assert codes(tmp_path, written[1]) == ["OM3104"]


def test_userdata_that_may_be_too_large(tmp_path: Path) -> None:
    """Userdata that only its longest values make too large is warned of, not refused."""
    lines = "\n".join("        # " + "x" * 70 for _ in range(180))
    server = f"""
parameters: {{Text: {{description: Long}}}}
servers:
  web:
    command: ./run
    port: 9999
    ingress: public
    signal: "off"
    userdata:
      script: |
        #!/bin/bash
        # {{{{ S3Key }}}} {{ "Ref" : "Text" }}
{lines}
"""
    assert codes(tmp_path, server) == []
    checked = compile_spec(tmp_path / "omega.yaml")
    checked.compilation.artifact.content.close()
    assert [warning.code for warning in checked.warnings] == ["OM3002"]


def test_every_code_is_shown_by_a_test() -> None:
    """Every code of the table stands in a golden file or a test."""
    from omegac.codes import CODES

    tests = Path(__file__).parent
    shown = "".join(
        path.read_text("utf-8")
        for path in [*tests.rglob("test_*.py"), *tests.rglob("diagnostics.txt"), *tests.rglob("report.txt")]
        if path.is_file()
    )
    assert [code for code in CODES if code not in shown] == []
