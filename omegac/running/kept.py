"""The folder in which a local cloud keeps what it holds: for one at a time, and written when that ends."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from omegac.diagnostics import Rejected, fault

_NOT_SAVED = ("Persistence: failed to save", "Persistence: error getting state")
"""What `ministack` logs of each service whose state it could not write; it goes on."""

_LAST_PORT = 65_535

_LOCK = "lock"
"""The file by which a folder is taken, and known as one of a sandbox."""


class Kept(NamedTuple):
    """A folder, and what stands where in it."""

    root: Path
    lock: int | None = None
    """A file descriptor: the folder is taken for as long as a process has it open."""
    before: Mapping[Path, tuple[int, int]] = {}
    """The files of its state when the local cloud began, each with what is another one once it is written again."""

    @property
    def log(self) -> Path:
        """What the local cloud has logged since it began."""
        return self.root / "log"

    @property
    def port(self) -> int | None:
        """The port of the local cloud that had the folder before, if it is told."""
        try:
            port = int(self._port.read_text("ascii"))
        except (OSError, ValueError):
            return None
        return port if 0 < port <= _LAST_PORT else None

    @property
    def _port(self) -> Path:
        return self.root / "port"

    def keep_port(self, port: int) -> None:
        """Keeps the port for the next: URLs of queues that were given out have it."""
        with suppress(OSError):
            self._port.write_text(str(port), "ascii")

    @property
    def state(self) -> Path:
        """A file for each of its services."""
        return self.root / "state"

    @property
    def objects(self) -> Path:
        """What S3 holds."""
        return self.root / "s3"


@contextmanager
def kept(folder: Path) -> Iterator[Kept]:
    """A folder for itself: of two that write their state to one, the later would undo what the other has kept.

    Raises `Rejected` where it can be none, or holds what is damaged.
    """
    with _locked(folder) as lock:
        before = _written(Kept(folder))
        for path in before:
            _refuse_damaged(path)
        yield Kept(folder, lock, before)


def check_kept(place: Kept, code: int) -> None:
    """Raises `Rejected` where what a local cloud held, which has ended with a code, has not been written."""
    lines = place.log.read_text("utf-8", "replace").splitlines()
    failures = [line for line in lines if any(failure in line for failure in _NOT_SAVED)]
    if code == 0 and not failures and _written(place) != place.before:
        return
    message = "what the sandbox held is not kept, or not all of it"
    hint = f"{place.state} could not be written: is there room, and may it be written to?"
    if code:  # it writes one service after another, and so what is written need not be all
        hint = f"the local cloud was ended before it had written all: end first what asks it; {place.log} has the rest"
    raise Rejected([fault("OM6302", message, hint="\n".join([hint, *failures[-3:]]))])


@contextmanager
def _locked(folder: Path) -> Iterator[int]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()) and not (folder / _LOCK).exists():
            message = f"{folder} is no folder for the state of a sandbox: it holds something else"
            raise Rejected([fault("OM6302", message, hint="name an empty one with --state, or one that is not there")])
        with suppress(PermissionError):  # it may be somebody else's
            folder.chmod(0o700)  # it may hold secrets
        lock = (folder / _LOCK).open("ab")
        Kept(folder).log.open("ab").close()
    except OSError as error:
        message = f"{folder} is no folder for the state of a sandbox: {error.strerror}"
        raise Rejected([fault("OM6302", message, hint="name another with --state")]) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            hint = "end that one, or name another folder with --state"
            raise Rejected([fault("OM6302", f"another sandbox has its state in {folder}", hint=hint)]) from None
        yield lock.fileno()


def _written(place: Kept) -> dict[Path, tuple[int, int]]:
    found = ((path, path.stat()) for path in sorted(place.state.glob("*.json")))
    return {path: (status.st_ino, status.st_mtime_ns) for path, status in found}


def _refuse_damaged(path: Path) -> None:
    try:
        json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        hint = "the local cloud would begin without it; remove what is damaged, or name another folder with --state"
        raise Rejected([fault("OM6302", f"{path} cannot be read: {error}", hint=hint)]) from None
