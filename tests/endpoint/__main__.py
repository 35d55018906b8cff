"""The endpoint as a program, for tests of other programs; it runs until its standard input ends.

    python -m tests.endpoint --port-file F [--script S.json]

The port is written to F once it is open. The script is a list of calls: [["stack", "demo", {"status": "..."}], ...]
calls the endpoint's method of that name with the members that follow, a closing object being named arguments; a name
with an equals sign behind it sets an attribute: ["script.steps=", 2].
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from functools import reduce
from pathlib import Path
from typing import Any

from tests.endpoint import Endpoint


def follow(endpoint: Endpoint, script: list[list[Any]]) -> None:
    """Does what a script says."""
    for name, *arguments in script:
        *parents, last = name.removesuffix("=").split(".")
        target = reduce(getattr, parents, endpoint)
        if name.endswith("="):
            setattr(target, last, arguments[0])
            continue
        named = arguments.pop() if arguments and isinstance(arguments[-1], dict) else {}
        getattr(target, last)(*arguments, **named)


def main() -> None:
    """Serves until nobody is there who could still call."""
    parser = argparse.ArgumentParser(prog="tests.endpoint", description="AWS on a port of this machine, as scripted")
    parser.add_argument("--port-file", type=Path, required=True, help="where to write the port")
    parser.add_argument("--script", type=Path, help="what to do before the first call")
    options = parser.parse_args()
    with Endpoint() as endpoint:
        follow(endpoint, json.loads(options.script.read_text("utf-8")) if options.script else [])
        draft = options.port_file.with_name(options.port_file.name + ".new")
        draft.write_text(endpoint.url.rpartition(":")[2], "utf-8")
        os.replace(draft, options.port_file)
        sys.stdin.read()


if __name__ == "__main__":
    main()
