"""Runs `ministack`, which runs Python's functions by the Python that it takes for its own: a program, not imported.

It runs as `python -I gateway.py PYTHON PATHS`; what it imports is found where omegac finds it. By itself, `ministack`
would run functions by the Python that it was started with, and so with all that is installed beside omegac.
"""

from __future__ import annotations

import os
import sys

PACKAGE = "ministack"


def main(python: str, installed: str) -> None:
    """Serves until it is asked to end."""
    sys.path += [path for path in installed.split(os.pathsep) if path not in sys.path]
    from ministack.app import main as serve

    sys.executable, sys.argv = python, [PACKAGE]
    serve()


if __name__ == "__main__":
    main(*sys.argv[1:])
