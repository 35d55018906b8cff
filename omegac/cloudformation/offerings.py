"""The instance types and runtimes that AWS offers, from the table that `scripts/offerings.py` writes."""

from __future__ import annotations

from functools import cache
from typing import Any

from omegac import shipped

TABLE = "schemas/offerings.json"
"""The name of the table; its text tells one version of it from the next."""


@cache
def instance_types() -> frozenset[str]:
    """Every instance type that some region has; AWS brings new ones each month."""
    families: dict[str, str] = _table()["instance types"]
    return frozenset(f"{family}.{size}" for family, sizes in families.items() for size in sizes.split())


@cache
def runtimes() -> tuple[str, ...]:
    """Every runtime of Lambda's, sorted, those that it has given up among them."""
    return tuple(_table()["runtimes"].split())


@cache
def _table() -> Any:
    import json

    return json.loads(shipped.text(TABLE))
