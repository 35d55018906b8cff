"""Compiles the example and every case below the working directory, for `test_determinism` to compare.

What a spec compiles to goes to `outcomes/`, into a folder of its own, with what was printed. One process compiles
them all; `--without-libyaml` makes it parse YAML as an installation of PyYAML without its C library does.
"""

from __future__ import annotations

import contextlib
import io
import sys
from pathlib import Path

from omegac import cli

OUTCOMES = Path("outcomes")
PRINTED = "printed.txt"


def specs() -> list[Path]:
    """The example's spec and those of the cases; of whoever has copied no cases, the example's alone."""
    return [Path("omega.yaml"), *sorted(Path("tests", "cases").glob("*/*/omega.yaml"))]


def compile_one(spec: Path) -> None:
    """Runs `omegac build`; a case named `…@prod` is built for the stage `prod`."""
    out = OUTCOMES / spec.parent
    out.mkdir(parents=True)
    stage = spec.parent.name.partition("@")[2]
    printed = io.StringIO()
    with contextlib.redirect_stderr(printed):
        code = cli.run(["build", str(spec), "--out", str(out), *(["--stage", stage] if stage else [])])
    (out / PRINTED).write_text(f"{printed.getvalue()}exit code {code}\n", "utf-8", "backslashreplace")


def main() -> None:
    """Compiles every spec."""
    if "--without-libyaml" in sys.argv[1:]:
        import yaml

        del yaml.CSafeLoader
    for spec in specs():
        compile_one(spec)


if __name__ == "__main__":
    main()
