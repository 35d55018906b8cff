"""The zip: which files below a folder go into it, under which names, and its bytes, equal on every machine.

What could differ between two machines is settled: entries are sorted, stored (builds of zlib deflate the same
input to different bytes), of one time and one mode, and their names are normalised.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import accumulate
from typing import IO, TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from zipfile import ZipFile, ZipInfo

LeftOut: TypeAlias = Callable[[str, bool], bool]
"""Whether a name stays out of the zip; the second argument says that it is a folder's."""

NEVER_PACKED = ("__pycache__", ".git", ".DS_Store")
"""Names that stay out wherever they stand, as does `*.pyc`: they differ from one checkout to the next."""

_LONGEST = 255
"""Bytes of a name between two slashes (Linux, limits.h: NAME_MAX)."""
MODE = stat.S_IFREG | 0o755
"""Of every entry: some checkouts lose the executable bit, and Lambda runs code as another user."""
EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip can tell
CHUNK = 1 << 20

_UNSAFE = {"Cc": "a control character", "Cs": "bytes that are not UTF-8", "Cn": "a character unknown to Unicode"}
"""Categories of characters that no name may hold; the normal form of an unknown one may change with Unicode."""

_DAMAGE = (EOFError, OSError, OverflowError, RuntimeError, ValueError)  # RuntimeError: encrypted, unsupported
"""What `zipfile` raises, besides its own error, for a zip that cannot be read."""


class Member(NamedTuple):
    """A file that goes into the zip: its name there, the path it is read from, its size in bytes."""

    name: str
    path: str
    size: int


class Unfit(Exception):  # noqa: N818 (it is found in the user's files, and no error of the program)
    """Something that cannot go into the zip: its name, a code of the 13xx, what is wrong and the way out."""

    def __init__(self, name: str, code: str, message: str, hint: str = "mend it, or add it to `ignore`") -> None:
        super().__init__(message)
        self.name, self.code, self.message, self.hint = name, code, message, hint


class _Folder(NamedTuple):
    name: str  # with a `/` at its end, or empty for the root
    path: str
    above: frozenset[tuple[int, int]]  # device and inode of itself, and of all folders it was reached through


def survey(root: str, left_out: LeftOut) -> tuple[list[Member], list[Unfit]]:
    """All files below a folder that go into its zip, and all that should but cannot, both sorted by name.

    Links are followed while they stay within the folder. Raises `OSError` if there is no such folder.
    """
    members: list[Member] = []
    unfit: list[Unfit] = []
    status = os.stat(root)
    pending = [_Folder("", root, frozenset({(status.st_dev, status.st_ino)}))]
    while pending:
        folder = pending.pop()
        with _noting(unfit, folder.name or "."):
            for name, entries in _children(folder, left_out).items():
                with _noting(unfit, name):
                    found = _look(name, entries, folder, root)
                    if isinstance(found, Member):
                        members.append(found)
                    else:
                        pending.append(found)
    return sorted(members), sorted(unfit, key=lambda problem: problem.name)


@contextmanager
def _noting(unfit: list[Unfit], name: str) -> Iterator[None]:
    try:
        yield
    except Unfit as problem:
        unfit.append(problem)
    except OSError as error:
        unfit.append(Unfit(name, "OM1302", f"{quoted(name)} cannot be read: {error.strerror}"))


def _children(folder: _Folder, left_out: LeftOut) -> dict[str, list[os.DirEntry[str]]]:
    """The entries of a folder by their names in the zip: several where the forms of one name differ."""
    from unicodedata import normalize

    children: dict[str, list[os.DirEntry[str]]] = {}
    with os.scandir(folder.path) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.name in NEVER_PACKED or entry.name.endswith(".pyc"):
                continue
            own = os.fsencode(entry.name).decode("utf-8", "surrogateescape")  # whatever the locale
            name = folder.name + normalize("NFC", own)
            is_folder = os.path.isdir(entry.path) if entry.is_symlink() else entry.is_dir()
            if not left_out(name, is_folder):
                children.setdefault(name, []).append(entry)
    return children


def _look(name: str, entries: list[os.DirEntry[str]], folder: _Folder, root: str) -> Member | _Folder:
    """What an entry is. Raises `Unfit`, or `OSError` where that cannot be told."""
    _check_name(name, entries)
    entry = entries[0]
    if entry.is_symlink():
        _check_link(name, entry.path, root)
    status = os.stat(entry.path)
    if stat.S_ISDIR(status.st_mode):
        own = (status.st_dev, status.st_ino)
        if own in folder.above:
            raise Unfit(name, "OM1303", f"the link {quoted(name)} leads in a circle")
        return _Folder(f"{name}/", entry.path, folder.above | {own})
    if not stat.S_ISREG(status.st_mode):
        raise Unfit(name, "OM1302", f"{quoted(name)} is a FIFO, a socket or a device")
    if not os.access(entry.path, os.R_OK, effective_ids=os.access in os.supports_effective_ids):
        raise PermissionError(None, "Permission denied")
    return Member(name, entry.path, status.st_size)


def _check_name(name: str, entries: list[os.DirEntry[str]]) -> None:
    from unicodedata import category

    if len(entries) > 1:
        forms = " and ".join(ascii(entry.name) for entry in entries)
        message = f"{quoted(name)} is the normal form (NFC) of more than one name: {forms}"
        raise Unfit(name, "OM1304", message, "rename one: not every file system keeps them apart")
    flaws = {_UNSAFE[kind] for kind in map(category, name) if kind in _UNSAFE}
    if "\\" in name:
        flaws.add("a backslash")
    if flaws:
        raise Unfit(name, "OM1304", f"{quoted(name)} holds {' and '.join(sorted(flaws))}", "rename it")


def _check_link(name: str, path: str, root: str) -> None:
    try:
        target, home = os.path.realpath(path, strict=True), os.path.realpath(root)
    except OSError as error:
        nowhere = {errno.ELOOP: "in a circle", errno.ENOENT: "to nothing", errno.ENOTDIR: "to nothing"}
        if error.errno not in nowhere:
            raise
        where = nowhere[error.errno]
    else:
        if os.path.commonpath([home, target]) == home:
            return
        where = "out of the artifact"
    raise Unfit(name, "OM1303", f"the link {quoted(name)} leads {where}: {quoted(os.readlink(path))}")


def quoted(name: str) -> str:
    """A name as a message shows it, with escapes for what cannot be printed."""
    return f'"{repr(name)[1:-1]}"'


def store(members: Iterable[Member], file: IO[bytes]) -> list[Unfit]:
    """Writes members to a zip, in the order given, and returns those that could not be read to their end.

    The zip is whole only if none is returned. It has no extra fields but those of zip64, in what lies beyond
    its first 2 GB.
    """
    from zipfile import ZipFile

    unfit: list[Unfit] = []
    with ZipFile(file, "w") as archive:
        for member in members:
            try:
                with archive.open(_info(member), "w") as entry:
                    entry.writelines(chunks(member))
            except Unfit as problem:
                unfit.append(problem)
    return unfit


def _info(member: Member) -> ZipInfo:
    from zipfile import ZIP_STORED, ZipInfo

    info = ZipInfo(member.name, EPOCH)
    info.compress_type = ZIP_STORED
    info.create_system = 3  # Unix: the external attributes begin with a mode
    info.external_attr = MODE << 16
    info.file_size = member.size  # what decides on fields of zip64
    return info


def chunks(member: Member) -> Iterator[bytes]:
    """The content of a file. Raises `Unfit` if it cannot be read, or is not what it was from start to end."""
    left = member.size
    try:
        with open(member.path, "rb") as file:
            before = os.fstat(file.fileno()).st_mtime_ns
            while left >= 0 and (chunk := file.read(CHUNK)):
                left -= len(chunk)
                yield chunk
            after = os.fstat(file.fileno()).st_mtime_ns
    except OSError as error:
        raise Unfit(member.name, "OM1302", f"{quoted(member.name)} cannot be read: {error.strerror}") from None
    if left or before != after:
        hint = "build again once nothing writes to the artifact"
        raise Unfit(member.name, "OM1302", f"{quoted(member.name)} changed while it was read", hint)


def inspect(file: IO[bytes]) -> tuple[dict[str, int], list[Unfit]]:
    """The sizes in bytes of a finished zip's files by name, and what is wrong with the zip, sorted by name.

    Every entry is read to its end, so that a damaged one is found here, and not where it is unpacked.
    """
    from zipfile import BadZipFile, ZipFile

    try:
        archive = ZipFile(file)
    except (BadZipFile, *_DAMAGE):
        return {}, [Unfit("", "OM1307", "the artifact is no zip file, or a damaged one", "make it again")]
    sizes: dict[str, int] = {}
    unfit: list[Unfit] = []
    with archive:
        for info in sorted(archive.infolist(), key=lambda info: info.filename):
            try:
                _check_entry(archive, info, sizes)
            except Unfit as problem:
                unfit.append(problem)
            if not info.filename.endswith("/"):  # `is_dir` fails for an empty name before Python 3.12
                sizes[info.filename] = info.file_size
    return sizes, unfit


def _check_entry(archive: ZipFile, info: ZipInfo, seen: dict[str, int]) -> None:
    from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile
    from zlib import error as zlib_error

    name = info.filename
    if not name:
        raise Unfit(name, "OM1304", "an entry of the zip has no name", "make the zip again")
    steps = name.replace("\\", "/").split("/")
    if not steps[0] or steps[0].endswith(":") or ".." in steps:
        raise Unfit(name, "OM1304", f"the entry {quoted(name)} leads out of the zip", "name it from the zip's root")
    if name in seen:
        raise Unfit(name, "OM1304", f"the entry {quoted(name)} is there twice", "keep one: unpackers differ")
    if any(len(step.encode("utf-8", "surrogatepass")) > _LONGEST for step in steps):
        message = f"the entry {quoted(name)} has a part of more than {_LONGEST} bytes"
        raise Unfit(name, "OM1304", message, "give it a shorter name: no file system of Linux takes it")
    # Names are sorted, and so a file comes before what would lie in it.
    if around := next((each for each in accumulate(steps[:-1], "{}/{}".format) if each in seen), None):
        message = f"the entry {quoted(name)} lies in {quoted(around)}, which is a file"
        raise Unfit(name, "OM1304", message, "keep one of the two")
    try:
        if info.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
            raise NotImplementedError
        with archive.open(info) as entry:
            while entry.read(CHUNK):
                pass
    except (BadZipFile, zlib_error, *_DAMAGE):
        message = f"the entry {quoted(name)} is damaged, encrypted, or neither stored nor deflated"
        raise Unfit(name, "OM1307", message, "make the zip again") from None
