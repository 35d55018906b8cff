"""Removes a folder once nobody holds it any more: a program of its own, which imports no omegac.

It runs as `python -I -S sweeper.py PARENT`, in a session of its own, where no key of a terminal reaches it. It makes a
folder within PARENT and tells its path on standard output, or the number of the error that there was. Its standard
input is a pipe, whose other end is held by omegac and by the keeper of each command that works in the folder: when the
last of them has ended, in whatever way, the folder goes with all that is in it.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress


def main(parent: str) -> int:
    """Makes the folder, waits, and removes it."""
    for asked in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(asked, signal.SIG_IGN)
    folder = os.path.join(parent, f"omegac-{os.urandom(8).hex()}")
    try:
        os.mkdir(folder, 0o700)
    except OSError as error:
        _tell(str(error.errno))
        return 1
    _tell(folder)
    while os.read(sys.stdin.fileno(), 1):
        pass
    _remove(folder)
    return 0


def _tell(text: str) -> None:
    with suppress(OSError):  # who would read it may have ended already
        os.write(sys.stdout.fileno(), os.fsencode(f"{text}\n"))


def _remove(folder: str) -> None:
    """Removes a folder, with what nobody may write to in it."""
    import shutil  # takes longer than all else here, and nobody waits for it before

    for place, _, _ in os.walk(folder):
        with suppress(OSError):
            os.chmod(place, 0o700)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
