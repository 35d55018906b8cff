"""A local cloud, `ministack`, as a process on loopback, and the environment that leads to it and nowhere else."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from shlex import quote
from sysconfig import get_path
from typing import NamedTuple

from omegac.child import Child, Command, NotRun
from omegac.diagnostics import Diagnostic, Rejected, fault
from omegac.running import gateway
from omegac.running.kept import Kept, check_kept, check_read, kept
from omegac.running.runtime_folder import lay_out
from omegac.running.scratch import Scratch

ACCOUNT = "123456789012"
"""Twelve digits for a key's id are the account, to ministack; these are those of AWS's own examples."""
_LOOPBACK = ("127.0.0.1", "localhost")
"""Its own address, and the host of the URLs that it gives out."""
_OF_THE_MACHINE = (
    "CURL_CA_BUNDLE",
    "DOCKER_CERT_PATH",
    "DOCKER_HOST",
    "DOCKER_TLS_VERIFY",
    "LD_LIBRARY_PATH",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
)
"""What the local cloud is told of omegac's environment, beside proxies: its functions see all that it is told."""
_NO_FILES_OF_AWS = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
_GRACE, _GRACE_TO_KEEP = 3, 40
"""Seconds that it has to end. What it holds, it writes when all is answered: a queue is asked for up to 20 s, and its
server waits 3 s for the rest."""
_SOON = 2
"""Seconds after which it is said what is waited for."""
_PATIENCE = 60
_STARTS = 3
_GLANCE = 0.05
_LAST_LINES = 10


class LocalCloud(NamedTuple):
    """One that runs."""

    child: Child
    port: int
    log: Path
    own: Path
    """A folder with the `omegac` that has begun it: no other that is on the PATH works with it."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def variables(self) -> Mapping[str, str]:
        """What leads AWS's libraries to it, and keeps them from any credentials that could lead elsewhere."""
        region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": "of-no-account",
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            **_NO_FILES_OF_AWS,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a command that works with it; `omegac` is found there."""
        path = os.pathsep.join([str(self.own), search_path()])
        return {**_without_aws(), **_without_proxy(), "PATH": path, **self.variables}

    def check(self) -> None:
        """Raises `Rejected` where it has ended."""
        if self.child.code is not None:
            raise Rejected([_ended("the local cloud has ended", self.log)])


def search_path() -> str:
    """Where programs are looked for, by whoever works with one: `omegac` is found, too."""
    return os.pathsep.join([os.environ.get("PATH", os.defpath), get_path("scripts")])


def exports(cloud: LocalCloud) -> str:
    """Lines for a shell that is to work with it. What else could lead elsewhere, only that shell knows."""
    lines = [
        "unset AWS_PROFILE $(env | sed -n 's/^\\(AWS_[A-Za-z0-9_]*\\)=.*/\\1/p')",
        *(f"export {name}={quote(value)}" for name, value in cloud.variables.items()),
        f'export no_proxy="${{no_proxy:+$no_proxy,}}${{NO_PROXY:+$NO_PROXY,}}{",".join(_LOOPBACK)}"',
        'export NO_PROXY="$no_proxy"',
    ]
    return "".join(f"{line}\n" for line in lines)


@contextmanager
def local_cloud(
    scratch: Scratch, say: Callable[[str], None], port: int | None, folder: Path | None
) -> Iterator[LocalCloud]:
    """One that is ready, and ended afterwards; in a folder, if one is named, it finds again what it has held.

    Raises `Rejected` where it does not start, or the folder is not one for it, or could not be written to in the end.
    """
    lay_out(scratch)
    _link_own(scratch.own)
    with kept(folder) if folder else nullcontext() as place:
        before = place.port if place else None
        cloud = _started(scratch, _ports(port, before), place)
        if place:
            _check_read(cloud, place)
            place.begin(cloud.port)
        if place and place.was_ended:
            say(f"the sandbox before was ended before it had written all to {place.root}: some of it may be lost\n")
        if before and cloud.port != before:
            say(f"port {before}, that of the sandbox before, is left: the URLs of queues that it gave lead nowhere\n")
        try:
            yield cloud
        except KeyboardInterrupt:  # it is how a sandbox ends that runs no command
            _end(cloud, place, say)
            raise
        except BaseException:
            cloud.child.end()
            raise
        _end(cloud, place, say)


def _check_read(cloud: LocalCloud, place: Kept) -> None:
    """Kills it where it has not read all, before it writes what it has; raises `Rejected` then."""
    try:
        check_read(place)
    except Rejected:
        cloud.child.kill()
        cloud.child.end()
        raise


def _end(cloud: LocalCloud, place: Kept | None, say: Callable[[str], None]) -> None:
    """Ends it, and sees that what it held is kept, if it is to be; raises `Rejected` where it is not."""
    try:
        if place and not cloud.child.ends_within(_SOON):
            say(f"it ends once it has answered all that it was asked, in {_GRACE_TO_KEEP} s at most\n")
        code = cloud.child.end()
    except KeyboardInterrupt:  # whoever presses Ctrl-C again does not wait for it
        if place:
            say(
                f"what it holds is not kept yet; it is written to {place.root} when it ends: {place.log} has the rest\n"
            )
        raise
    if place:
        check_kept(place, code)


def _link_own(folder: Path) -> None:
    folder.mkdir()
    program = Path(get_path("scripts"), "omegac")
    if program.exists():
        (folder / program.name).symlink_to(program)


def _ports(wanted: int | None, before: int | None) -> Iterator[int]:
    """The ports to try: the one that is wanted and no other; else the one that it had, and then any."""
    if wanted:
        yield wanted
        return
    if before and _is_free(before):
        yield before
    for _ in range(_STARTS):
        yield _free_port()


def _started(scratch: Scratch, ports: Iterator[int], place: Kept | None) -> LocalCloud:
    # Between choosing a port and listening on it another process may take it: then the server ends at once.
    for port in ports:
        cloud = _begun(scratch, port, place)
        try:
            if _is_ready(cloud):
                return cloud
        except BaseException:
            cloud.child.end()
            raise
        cloud.child.end()
    raise Rejected([_ended("the local cloud does not start", cloud.log)])


def _begun(scratch: Scratch, port: int, place: Kept | None) -> LocalCloud:
    at, persists = place or Kept(scratch.root), str(int(place is not None))
    grace = _GRACE_TO_KEEP if place else _GRACE
    holds = [scratch.hold, *([place.lock] if place and place.lock else [])]
    environment = {
        **_of_the_machine(),
        **_NO_FILES_OF_AWS,
        "LANG": "C.UTF-8",
        "PATH": f"{scratch.programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "PERSIST_STATE": persists,
        "S3_DATA_DIR": str(at.objects),
        "S3_PERSIST": persists,
        "STATE_DIR": str(at.state),
        "TMPDIR": str(scratch.root),
    }
    with at.log.open("wb") as output:
        try:
            installed = os.pathsep.join(path for path in sys.path if os.path.isabs(path))
            words = [sys.executable, "-I", gateway.__file__, scratch.python, installed]
            child = Child(Command(words, scratch.root, environment, holds, output, grace=grace))
        except NotRun as error:
            raise Rejected([fault("OM6302", f"the local cloud cannot be run: {error}")]) from None
    return LocalCloud(child, port, at.log, scratch.own)


def _is_ready(cloud: LocalCloud) -> bool:
    """Waits for it; whether it came up."""
    from http.client import HTTPConnection, HTTPException

    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and cloud.child.code is None:
        try:
            with closing(HTTPConnection("127.0.0.1", cloud.port, timeout=5)) as connection:
                connection.request("GET", "/_ministack/health")
                if connection.getresponse().status == 200:
                    return True
        except (OSError, HTTPException):
            pass
        time.sleep(_GLANCE)
    return False


def _ended(message: str, log: Path) -> Diagnostic:
    lines = log.read_text("utf-8", "replace").splitlines()[-_LAST_LINES:]
    return fault("OM6302", message, hint="\n".join(["its log says last:", *lines]) if lines else "its log is empty")


def _of_the_machine() -> dict[str, str]:
    """What it is told of this machine: where programs are, and what stands between it and others."""
    given = os.environ.items()
    told = {name: value for name, value in given if name in _OF_THE_MACHINE or name.lower().endswith("_proxy")}
    return {**told, **_without_proxy()}  # the functions that it runs call it, too


def _without_aws() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}


def _without_proxy() -> dict[str, str]:
    """What is reached without a proxy, whichever of the two names says so, and this machine.

    Python takes the name in small letters before the other.
    """
    given = (os.environ.get(name, "") for name in ("NO_PROXY", "no_proxy"))
    hosts = [host for each in given for host in each.split(",") if host]
    return dict.fromkeys(("NO_PROXY", "no_proxy"), ",".join(dict.fromkeys([*hosts, *_LOOPBACK])))


def _is_free(port: int) -> bool:
    """Whether nothing listens on a port."""
    with closing(socket.socket()) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
