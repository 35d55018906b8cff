"""The folder in which a local cloud keeps what it holds: for one at a time, and written when that ends."""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from omegac.diagnostics import Rejected, fault

_RECORD = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (?:ERROR|WARNING) \[[\w.]+\] "
"""How a record of `ministack`'s log begins, among lines that functions have printed."""
_NOT_SAVED = re.compile(
    rf"{_RECORD}(Persistence: (failed to save|error getting state)|Failed to (persist|delete persisted) S3)"
)
"""What it logs of each service whose state it could not write, and of each object of S3; it goes on."""
_NOT_READ = re.compile(
    rf"{_RECORD}(Persistence: (failed to load|.* refusing to load)|Failed to restore persisted state"
    r"|Failed to (load|read) persisted S3|Lambda persistence: (code blob|failed to read))"
)
"""What it logs of what it could not read; it begins without, and writes that in the end."""
_FORMAT = "__ministack_format__"
"""The key by which a file of its state is known."""

_LAST_PORT = 65_535
_LAST_LINES = 3

_LOCK = "lock"
"""The file by which a folder is taken, and known as one of a sandbox."""


class Kept(NamedTuple):
    """A folder, and what stands where in it."""

    root: Path
    lock: int | None = None
    """A file descriptor: the folder is taken for as long as a process has it open."""
    was_ended: bool = False
    """Whether the local cloud that had the folder before was ended before it had written all."""
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
            text = self._port.read_text("ascii").strip()
        except (OSError, ValueError):
            return None
        port = int(text) if text.isdecimal() else 0
        return port if 0 < port <= _LAST_PORT else None

    @property
    def _port(self) -> Path:
        return self.root / "port"

    def begin(self, port: int) -> None:
        """Notes that there is something to write from now on, and keeps the port: URLs that are given out have it."""
        with suppress(OSError):
            self.unwritten.touch()
            self._port.write_text(str(port), "ascii")

    @property
    def state(self) -> Path:
        """A file for each of its services."""
        return self.root / "state"

    @property
    def objects(self) -> Path:
        """What S3 holds."""
        return self.root / "s3"

    @property
    def unwritten(self) -> Path:
        """A file that is there from the beginning of a local cloud until all that it held is written."""
        return self.root / "unwritten"


@contextmanager
def kept(folder: Path) -> Iterator[Kept]:
    """A folder for itself: of two that write their state to one, the later would undo what the other has kept.

    Raises `Rejected` where it can be none, or holds what is damaged.
    """
    with _locked(folder) as lock:
        place = Kept(folder)
        before = _written(place)
        for path in before:
            _refuse_damaged(path, {_FORMAT, "payload"})
        for path in place.objects.rglob("*.meta.json"):
            _refuse_damaged(path, set())
        yield Kept(folder, lock, place.unwritten.exists(), before)


def check_read(place: Kept) -> None:
    """Raises `Rejected` where a local cloud, which has come up, has not read all that the folder holds."""
    failures = _logged(place, _NOT_READ)
    if failures:
        message = f"the sandbox cannot read all that {place.root} holds, and leaves it as it is"
        hint = "take the version of omegac that has written it, or name another folder with --state"
        raise Rejected([fault("OM6302", message, hint="\n".join([hint, *failures]))])


def check_kept(place: Kept, code: int) -> None:
    """Raises `Rejected` where what a local cloud held, which has ended with a code, has not been written."""
    unsaved, unread = _logged(place, _NOT_SAVED), _logged(place, _NOT_READ)
    is_there = _is_there(place)
    if code == 0 and is_there and not unsaved and not unread and _written(place) != place.before:
        place.unwritten.unlink(missing_ok=True)
        return
    message = "what the sandbox held is not kept, or not all of it"
    hint = f"{place.state} could not be written: is there room, and may it be written to?"
    if code:  # it writes one service after another, and so what is written need not be all
        hint = f"the local cloud was ended before it had written all: end first what asks it; {place.log} has the rest"
    if unread and not unsaved:
        hint = f"it could not read all of {place.root}, and has gone on without"
    if not is_there:
        hint = f"{place.root} was moved or removed while it ran; what could be written stands there"
    raise Rejected([fault("OM6302", message, hint="\n".join([hint, *unsaved, *unread]))])


def _logged(place: Kept, sign: re.Pattern[str]) -> list[str]:
    """The last records of the log that begin with a sign; none where it was taken away."""
    try:
        lines = place.log.read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
    return [line for line in lines if sign.match(line)][-_LAST_LINES:]


def _is_there(place: Kept) -> bool:
    """Whether the folder is still the one that was taken."""
    try:
        return place.lock is not None and os.path.samestat(os.fstat(place.lock), (place.root / _LOCK).stat())
    except OSError:
        return False


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
        Kept(folder).objects.mkdir(exist_ok=True)
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


def _refuse_damaged(path: Path, keys: AbstractSet[str]) -> None:
    try:
        state = json.loads(path.read_bytes())
        sound = isinstance(state, dict) and keys <= {key for key, value in state.items() if value is not None}
        why = None if sound else "it is no state"
    except (OSError, ValueError) as error:
        why = str(error)
    if why:
        hint = "the local cloud would begin without it; remove what is damaged, or name another folder with --state"
        raise Rejected([fault("OM6302", f"{path} cannot be read: {why}", hint=hint)])
