"""An instance: systemd as its first process and the real cloud-init, in a container with a network of its own.

What it writes is in memory, above the image. Should this process be killed, the instance dies with it, and its memory,
mounts and network are gone as well.
"""

from __future__ import annotations

import json
import logging
import os
import shlex
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.boot import front, metadata
from tests.boot.front import Front, Upstream, certificate, served
from tests.boot.metadata import Identity, Metadata
from tests.boot.network import Subnet, subnet

PATIENCE = 180
"""Seconds until cloud-init must have ended, on a machine that has other things to do."""

_LOG = logging.getLogger(__name__)
_RESULT = "var/lib/cloud/data/result.json"
_UUID = "ec2f1e2d-0000-4000-8000-000000000001"
_BUNDLE = "etc/ssl/certs/ca-certificates.crt"
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# Where systemd keeps its control groups: in version 2, in version 1, and in both at a time.
_HIERARCHIES = [
    path
    for path in map(Path, ("/sys/fs/cgroup", "/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified"))
    if (path / "cgroup.procs").exists()
]
# With the first process of its namespace all others die; that one dies with who started it, whatever becomes of them.
_ALONE = (
    *("setpriv", "--pdeathsig", "KILL"),
    *("unshare", "--mount", "--pid", "--fork", "--kill-child", "bash", "-euc"),
)


class Launch(NamedTuple):
    """What a group gives to each instance it starts."""

    image: Path
    identity: Identity
    upstream: Upstream
    stack: str
    bucket: str


class Instance(NamedTuple):
    """An instance whose cloud-init has ended."""

    first: int
    """The process that is systemd to the instance."""
    disk: Path
    log: Path
    subnet: Subnet
    aws: Front
    terminate: Callable[[], None]
    """Takes its power away, for good; its network stays."""

    def run(self, *command: str) -> str:
        """Runs a program of the instance on it, as root, with no environment but a PATH; what it prints."""
        spaces = ("--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup")
        entering = ["nsenter", f"--target={self.first}", *spaces, "--root", "--wd", *command]
        return subprocess.run(entering, env={"PATH": _PATH}, stdout=subprocess.PIPE, text=True, check=True).stdout

    def file(self, path: str) -> bytes:
        """A file of the instance."""
        return (self.disk / path).read_bytes()

    @property
    def console(self) -> str:
        return self.log.read_text("utf-8", "replace")

    @property
    def errors(self) -> list[str]:
        """What cloud-init itself calls the errors of this boot."""
        return list(json.loads(self.file(_RESULT))["v1"]["errors"])

    def says(self, port: int) -> str:
        """What a service of the instance answers to `curl`, from outside. Raises `CalledProcessError` if none does."""
        address = f"http://{self.subnet.address}:{port}/"
        asked = self.subnet.outside.run("curl", "-fsS", "--max-time", "10", address)
        _LOG.info("curl %s says %r", address, asked)
        return asked


@contextmanager
def booted(launch: Launch) -> Iterator[Instance]:
    """Boots an instance, waits for the end of cloud-init, and takes its power away afterwards."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="omegac-boot-")))
        cable = stack.enter_context(subnet((metadata.ADDRESS, front.ADDRESS)))
        pem = certificate(folder, launch.upstream.region)
        imds = cable.outside.within(lambda: Metadata(launch.identity))
        stack.enter_context(served(imds))
        aws = cable.outside.within(lambda: Front(launch.upstream, launch.identity.role, launch.stack, pem))
        stack.enter_context(served(aws))
        _prepare(folder, launch, pem)
        began = time.monotonic()
        power = stack.enter_context(ExitStack())
        process = power.enter_context(_powered(folder, launch, cable))
        # The disk is mounted where the container is, and nowhere else.
        disk, console = Path(f"/proc/{process.pid}/root{folder}/memory/disk"), folder / "console"
        _wait(process, disk, console, began + PATIENCE)
        instance = Instance(_child(_child(process.pid)), disk, console, cable, aws, power.close)
        _LOG.info("booted to the end of cloud-init in %.1f s", time.monotonic() - began)
        yield instance
        began = time.monotonic()
    _LOG.info("ended in %.1f s", time.monotonic() - began)


def _prepare(folder: Path, launch: Launch, pem: Path) -> None:
    """What makes this instance differ from its image: the names that it finds, whom it trusts, and what it runs on."""
    names = [f"{name}.{launch.upstream.region}.amazonaws.com" for name in ("cloudformation", f"{launch.bucket}.s3")]
    public = subprocess.run(["openssl", "x509", "-in", pem], capture_output=True, check=True).stdout
    files = {
        "own/etc/hosts": f"127.0.0.1 localhost\n{front.ADDRESS} {' '.join(names)}\n".encode(),
        f"own/{_BUNDLE}": (launch.image / _BUNDLE).read_bytes() + public,
        "own/usr/local/share/ca-certificates/aws.crt": public,
        "hypervisor/uuid": f"{_UUID}\n".encode(),
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (folder / "memory").mkdir()


@contextmanager
def _powered(folder: Path, launch: Launch, cable: Subnet) -> Iterator[subprocess.Popen[bytes]]:
    """The container, in namespaces and control groups of its own."""
    groups = [each / folder.name for each in _HIERARCHIES]
    for group in groups:
        group.mkdir()
    command = [*_ALONE, _script(folder, launch, cable, groups)]
    with (folder / "console").open("wb") as console:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=console, stderr=console)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for group in groups:
            _remove(group)


def _script(folder: Path, launch: Launch, cable: Subnet, groups: Sequence[Path]) -> str:
    """Enters the groups, mounts what the container needs, and becomes it."""
    memory = f"{folder}/memory"
    layers = f"lowerdir={folder}/own:{launch.image},upperdir={memory}/written,workdir={memory}/work"
    container = (
        *("systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--boot", "--console=read-only"),
        *("--private-network", f"--network-namespace-path={memory}/network"),
        *("--resolv-conf=off", "--timezone=off", f"--hostname=ip-{cable.address.replace('.', '-')}"),
        # A container has no SMBIOS. The uuid of a hypervisor is the other sign by which cloud-init knows EC2.
        *(f"--directory={memory}/disk", f"--bind-ro={folder}/hypervisor:/sys/hypervisor"),
    )
    commands = [
        *(f"echo $$ > {shlex.quote(str(group))}/cgroup.procs" for group in groups),
        shlex.join(("mount", "-t", "tmpfs", "memory", memory)),
        shlex.join(("mkdir", *(f"{memory}/{name}" for name in ("disk", "work", "written")))),
        shlex.join(("touch", f"{memory}/network")),
        shlex.join(("mount", "--bind", cable.instance.path, f"{memory}/network")),
        "mount -t proc proc /proc",
        shlex.join(("mount", "-t", "overlay", "disk", "-o", layers, f"{memory}/disk")),
        f"exec {shlex.join(container)}",
    ]
    return "\n".join(commands)


def _wait(process: subprocess.Popen[bytes], disk: Path, console: Path, deadline: float) -> None:
    while not (disk / _RESULT).exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"cloud-init did not end:\n{console.read_text('utf-8', 'replace')}")
        time.sleep(0.1)


def _child(process: int) -> int:
    """The process that one has started: unshare has one, the container, and that has one, systemd."""
    (child,) = Path(f"/proc/{process}/task/{process}/children").read_text("utf-8").split()
    return int(child)


def _remove(group: Path) -> None:
    """Removes a control group, once all that was in it has died with the container."""
    deadline = time.monotonic() + 20
    for folder, _, _ in os.walk(group, topdown=False):
        while (Path(folder) / "cgroup.procs").read_text():
            if time.monotonic() > deadline:
                raise AssertionError(f"{folder} does not end")
            time.sleep(0.05)
        Path(folder).rmdir()
