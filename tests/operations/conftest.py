"""Fixtures that tests against the local cloud use."""

from __future__ import annotations

from tests.operations.local import example, shop

__all__ = ["example", "shop"]
