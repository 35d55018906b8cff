"""A network of its own: a namespace of Linux, in which sockets are opened; it ends with this process at the latest."""

from __future__ import annotations

import ctypes
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import NamedTuple, TypeVar

_CLONE_NEWNET = 0x40000000  # sched.h
T = TypeVar("T")


class Network:
    """A namespace that one thread lives in: what the thread opens stays in there, whoever uses it afterwards."""

    def __init__(self) -> None:
        self._inhabitant = ThreadPoolExecutor(1, "network", _enter_a_new_one)
        thread = self._inhabitant.submit(threading.get_native_id).result()
        self.path = f"/proc/{os.getpid()}/task/{thread}/ns/net"
        self.run("ip", "link", "set", "lo", "up")

    def within(self, function: Callable[[], T]) -> T:
        """Calls a function in there."""
        return self._inhabitant.submit(function).result()

    def run(self, *command: str) -> str:
        """Runs a program in there; what it prints."""
        entering = ["nsenter", f"--net={self.path}", *command]
        return subprocess.run(entering, stdout=subprocess.PIPE, text=True, check=True).stdout

    def leave(self) -> None:
        """Ends it, when nobody else is in there."""
        self._inhabitant.shutdown()


def _enter_a_new_one() -> None:
    # `os.unshare` came with Python 3.12.
    if ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "no network namespace")


class Subnet(NamedTuple):
    """The two sides of a cable: what an instance has, and where it gets to."""

    instance: Network
    outside: Network
    address: str
    """The instance's."""

    @contextmanager
    def hop_further(self) -> Iterator[Network]:
        """A container on the instance, which passes on what the container sends, and what comes for it."""
        container = Network()
        try:
            self.instance.run(
                "ip", "link", "add", "docker0", "type", "veth", "peer", "name", "eth0", "netns", container.path
            )
            for network, device, address in (
                (self.instance, "docker0", "10.1.0.1/24"),
                (container, "eth0", "10.1.0.2/24"),
            ):
                network.run("ip", "address", "add", address, "dev", device)
                network.run("ip", "link", "set", device, "up")
            container.run("ip", "route", "add", "default", "via", "10.1.0.1")
            self.outside.run("ip", "route", "add", "10.1.0.0/24", "via", self.address)
            self.instance.run("sysctl", "-qw", "net.ipv4.ip_forward=1")
            yield container
        finally:
            container.leave()


@contextmanager
def subnet(services: tuple[str, ...]) -> Iterator[Subnet]:
    """A subnet with one instance, in which services have addresses of their own, one hop away."""
    instance, outside = Network(), Network()
    try:
        outside.run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", instance.path)
        for network, address in ((outside, "10.0.0.1/24"), (instance, "10.0.0.10/24")):
            network.run("ip", "address", "add", address, "dev", "eth0")
            network.run("ip", "link", "set", "eth0", "up")
        for service in services:
            outside.run("ip", "address", "add", f"{service}/32", "dev", "eth0")
        instance.run("ip", "route", "add", "default", "via", "10.0.0.1")
        yield Subnet(instance, outside, "10.0.0.10")
    finally:
        outside.leave()
        instance.leave()
