"""The table of what AWS offers, against what omegac itself uses of it."""

from __future__ import annotations

import re
from pathlib import Path

from omegac.cloudformation.offerings import instance_types, runtimes

ROOT = Path(__file__).resolve().parent.parent


def test_defaults_are_offered() -> None:
    """The instance types that are taken by default are offered, and so is the runtime of omegac's own function."""
    bind, image = ((ROOT / "omegac" / name).read_text("utf-8") for name in ("bind.py", "constructs/ami.py"))
    defaults = re.findall(r'"(t[0-9]g?\.[a-z]+)"', bind)
    assert len(defaults) == 2
    assert set(defaults) <= instance_types()
    assert set(re.findall(r'"Runtime": "(.+?)"', image)) <= set(runtimes())


def test_names_are_whole() -> None:
    """Families and sizes are put together, none twice, in all their kinds."""
    assert {"t3.micro", "m7g.metal", "c8g.metal-24xl", "u-6tb1.56xlarge"} <= instance_types()
    assert len(instance_types()) > 1_000
    assert list(runtimes()) == sorted(set(runtimes()))
