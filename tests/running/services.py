"""The service of these tests, how its commands are run, and which processes they leave."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.operations.local import edit
from tests.operations.shell import Done, begun, ended

HELLO = "Hello world from SpartaOmega!"
SPEC = """\
omega: 1
service: shop
artifact: app
environment: {LEVEL: 3, QUIET: true, QUEUE: !Ref Queue}
functions:
  hello: {runtime: python3.13, handler: hello.handler, timeout: 60, memory: 256}
servers:
  web: {command: sh start, port: 8080, ingress: public, health_check: /up}
resources:
  Queue: {Type: AWS::SQS::Queue}
"""
HANDLER = """\
import logging
import os
import subprocess
import sys
import threading
import time

count = 0


def found(name):
    try:
        return bool(__import__(name))
    except ImportError:
        return False


def handler(event, context):
    global count, kept
    count += 1
    match event.get("do"):
        case "count":
            return count
        case "raise":
            raise LookupError("no äpfel")
        case "call itself":
            return handler(event, context)
        case "sleep":
            print("sleeps", end="")
            time.sleep(60)
        case "exit":
            os._exit(event["code"])
        case "kill":
            os.kill(os.getpid(), 9)
        case "answer":
            return {"no", "json"}
        case "enlarge":
            return "x" * 7_000_000
        case "call":
            subprocess.run([sys.executable, "-c", "b'x' * 400_000_000"], check=True)
            os._exit(3)
        case "answer then exit":
            threading.Timer(0.1, os._exit, [3]).start()
        case "hold":
            print("holds", flush=True)
            kept = b"x" * 400_000_000
            match event.get("then"):
                case "exit":
                    time.sleep(0.5)
                    os._exit(0)
                case "sleep":
                    time.sleep(60)
        case "link":
            return os.readlink(event["path"])
        case "write":
            open("new", "w")
        case "import":
            return [name for name in event["names"] if found(name)]
        case "environment":
            return dict(os.environ)
        case "context":
            return [context.function_name, context.memory_limit_in_mb, context.get_remaining_time_in_millis() <= 60_000]
        case "log":
            logging.getLogger().info("informed")
            print("printed")
            print("complained", file=sys.stderr)
"""
PATIENCE = 30


def hasty(folder: Path, seconds: int = 3) -> None:
    """Has the function be given so little time for an event."""
    edit(folder / "omega.yaml", "timeout: 60", f"timeout: {seconds}")


def invoked(folder: Path, *events: Any, more: tuple[str, ...] = ()) -> Done:
    """`omegac invoke hello` with events, in a process of its own."""
    named = []
    for number, event in enumerate(events):
        (folder / f"event-{number}.json").write_text(json.dumps(event), "utf-8")
        named += ["--event", f"event-{number}.json"]
    return ended(begun(folder, "invoke", "hello", *named, *more))


def answers(done: Done) -> list[Any]:
    """What standard output has, a JSON text a line."""
    return [json.loads(line) for line in done.out.splitlines()]


def free_port() -> int:
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def below(process: int) -> set[int]:
    """The processes that one has started, and they in turn, as `ps` tells."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = {int(pid): int(parent) for pid, parent in map(str.split, listed.splitlines())}
    found: set[int] = set()
    while more := {pid for pid, parent in parents.items() if parent in {process, *found}} - found:
        found |= more
    return found


def alive(processes: set[int]) -> set[int]:
    """Those that still run; one that has ended and is not collected does not."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,stat="], capture_output=True, text=True, check=True).stdout
    states = dict(line.split() for line in listed.splitlines())
    return {pid for pid in processes if states.get(str(pid), "Z")[0] != "Z"}


def comes(true: Callable[[], object]) -> bool:
    """Waits until something is so; whether it came to be."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def line_with(process: subprocess.Popen[str], text: str) -> str:
    """The line of standard error in which a text stands, once it is written."""
    lines = []
    for line in process.stderr or ():
        lines.append(line)
        if text in line:
            return line
    raise AssertionError("".join(lines))
