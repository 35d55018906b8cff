"""Fixtures that tests of several folders use."""

from __future__ import annotations

from tests.ministack import ministack, ministack_server
from tests.operations.scene import compilations, endpoint, endpoint_server

__all__ = ["compilations", "endpoint", "endpoint_server", "ministack", "ministack_server"]
