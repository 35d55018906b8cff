"""Fixtures that tests of several folders use, and the signals that their programs begin with."""

from __future__ import annotations

import signal

from tests.ministack import ministack, ministack_server
from tests.operations.scene import compilations, endpoint, endpoint_server

__all__ = ["compilations", "endpoint", "endpoint_server", "ministack", "ministack_server"]

# A shell without job control has what it runs in the background ignore keys of the terminal: tests press them.
for _number, _handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGQUIT, signal.SIG_DFL)):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _handler)
