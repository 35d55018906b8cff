"""Writes `docs/statuses.md`, what is done about each status of a stack, from the table in `omegac.deployment.statuses`.

`--check` compares and writes nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from omegac.deployment.statuses import STATUSES, Deleting, Deploying

PAGE = Path(__file__).resolve().parent.parent / "docs" / "statuses.md"

OPENING = """\
# Statuses of a stack

What `omegac deploy` and `omegac delete` do about each status that CloudFormation has for a stack. After each step but
the first two and a refusal, the stack is looked at anew, so that a deployment goes on from wherever the last one was
cut off. A status that is not listed here is waited for if its name ends in `_IN_PROGRESS`, and refused otherwise.

This page is generated from the table of statuses.
"""

DEPLOYING: Mapping[Deploying, str] = {
    "create": "plan and create",
    "update": "plan and update",
    "wait": "wait",
    "recreate": "delete if it is empty, then create",
    "roll back": "roll back, then go on",
    "continue the rollback": "continue the rollback, then go on",
    "refuse": "refuse (OM6101)",
}
DELETING: Mapping[Deleting, str] = {
    "nothing": "nothing to do",
    "delete": "show, ask, delete",
    "wait": "wait",
    "delete what is left": "show, ask, delete what is left; `--retain` what cannot be",
}


def page() -> str:
    """The whole page."""
    return "\n".join([OPENING, *rows(), ""])


def rows() -> Iterator[str]:
    """The table, line by line."""
    yield "| status | what it means | `deploy` | more of that | `delete` |"
    yield "|---|---|---|---|---|"
    for name, status in STATUSES.items():
        shown = name if name.islower() else f"`{name}`"
        deploying, deleting = DEPLOYING[status.deploying], DELETING[status.deleting]
        yield f"| {shown} | {status.meaning} | {deploying} | {status.way_out} | {deleting} |"


def main() -> None:
    """Writes the page, or compares it."""
    text = page()
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(text, "utf-8")
    elif not PAGE.exists() or PAGE.read_text("utf-8") != text:
        sys.exit(f"{PAGE.name} is stale: run `make statuses`")


if __name__ == "__main__":
    main()
