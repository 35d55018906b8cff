"""Writes `docs/codes.md`, all that there is to say of each code, from the table in `omegac.codes`.

`--check` compares and writes nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from omegac.codes import CODES, HUNDREDS, Code
from omegac.codes.code import Form, form_of
from omegac.explain import wrapped

PAGE = Path(__file__).resolve().parent.parent / "docs" / "codes.md"
WIDTH = 120

OPENING = """\
# Codes

What omegac finds has a code, which stays the same from one version to the next. An error is refused; a warning is shown
and lets pass, unless `omegac lint` is told `--strict`. `omegac explain OM2104` prints what stands here of a code. Codes
that begin with E, W or I are cfn-lint's own.

Each code has an example that gets it, and the same without the fault. An example is a script, a CloudFormation
template, a part of an `omega.yaml`, or commands for a folder that has a small service in it, in which `# stack:` says
how the stack `shop` stands before.

This page is generated from the table of codes.
"""

LANGUAGES: dict[Form, str] = {"commands": "console", "script": "sh", "spec": "yaml", "template": "yaml"}
"""What an example's block is marked as."""


def page() -> str:
    """The whole page: a section for each hundred of codes, and an anchor, such as `#om2104`, for each code."""
    return "\n".join([OPENING, *sections()])


def sections() -> Iterator[str]:
    """A heading for each hundred that has codes, and all that there is on each code."""
    for hundred, about in HUNDREDS.items():
        codes = [code for code in sorted(CODES) if code.startswith(hundred)]
        if codes:
            yield f"## {about}\n"
        for code in codes:
            yield section(code, CODES[code])


def section(name: str, code: Code) -> str:
    """What there is on a code."""
    meaning = f"{code.severity.capitalize()}: *{code.meaning}*."
    parts = [f"### {name}", meaning, wrapped(code.explanation, WIDTH), block(code.bad), "Without the fault:"]
    return "\n\n".join([*parts, block(code.good)]) + "\n"


def block(example: str) -> str:
    """An example in a fence that nothing in it ends."""
    fence = "````" if "```" in example else "```"
    text = example.strip("\n")
    return f"{fence}{LANGUAGES[form_of(example)]}\n{text}\n{fence}"


def main() -> None:
    """Writes the page, or compares it."""
    text = page()
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(text, "utf-8")
    elif not PAGE.exists() or PAGE.read_text("utf-8") != text:
        sys.exit(f"{PAGE.name} is stale: run `make codes`")


if __name__ == "__main__":
    main()
