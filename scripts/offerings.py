"""Writes `schemas/offerings.json`: the instance types and the runtimes that AWS offers in any region, from cfn-lint.

Instance types stand by family, one line for each. `--check` compares and writes nothing.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

TABLE = Path(__file__).resolve().parent.parent / "schemas" / "offerings.json"
CFN_LINT = version("cfn-lint")
# The files that came with cfn-lint; its own loader prefers newer ones, if this machine has downloaded any.
SHIPPED = files("cfnlint") / "data"


def table() -> str:
    """The whole table, as text."""
    families = {family: " ".join(sizes) for family, sizes in sorted(instance_types().items())}
    offerings = {"cfn-lint": CFN_LINT, "runtimes": " ".join(runtimes()), "instance types": families}
    return json.dumps(offerings, indent=1, ensure_ascii=False) + "\n"


def instance_types() -> dict[str, list[str]]:
    """The sizes of each family of instance types, over all regions."""
    regions = shipped("schemas", "extensions", "aws_ec2_instance", "instancetype_enum.json")
    names = {name for region in regions.values() if isinstance(region, dict) for name in region["enum"]}
    families: dict[str, list[str]] = {}
    for name in sorted(names):
        family, _, size = name.partition(".")
        families.setdefault(family, []).append(size)
    return families


def runtimes() -> list[str]:
    """Every runtime, those that Lambda has given up among them: whether it still takes one is a matter of dates."""
    digest = shipped("schemas", "providers", "us-east-1.json")["AWS::Lambda::Function"]
    names: list[str] = shipped("schemas", "resources", f"{digest}.json")["properties"]["Runtime"]["enum"]
    return sorted(names)


def shipped(*path: str) -> dict[str, Any]:
    """A file of cfn-lint's data."""
    data: dict[str, Any] = json.loads(SHIPPED.joinpath(*path).read_text("utf-8"))
    return data


def main() -> None:
    """Writes the table, or compares it."""
    text = table()
    if "--check" not in sys.argv[1:]:
        TABLE.write_text(text, "utf-8")
    elif not TABLE.exists() or TABLE.read_text("utf-8") != text:
        sys.exit(f"{TABLE.name} is not that of cfn-lint {CFN_LINT}: run `make offerings`")


if __name__ == "__main__":
    main()
