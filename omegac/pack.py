"""The pass that makes the artifact: runs its build command, then zips its folder or takes its zip as it is."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, cast

from omegac.artifact import Artifact
from omegac.artifact_build import run_build
from omegac.diagnostics import Rejected, fault
from omegac.source import Origin, Source, Span, Traced
from omegac.zipping import LeftOut, Member, Unfit, chunks, inspect, quoted, store, survey

if TYPE_CHECKING:
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

IGNORE_FILE = ".omegacignore"
UNZIPPED_LIMIT = 262_144_000
"""Bytes that Lambda takes unzipped, its "250 MB" (AWS Lambda, Quotas, deployment package)."""
HELD_IN_MEMORY = 8_000_000
"""Bytes up to which the zip is no file on disk."""
_PLACEHOLDER = "0" * 64


def pack(artifact: Traced, folder: Path, *, for_function: bool) -> Artifact:
    """Makes the artifact that a bound spec's `artifact` describes; `folder` is the spec's.

    Raises `Rejected` with all that is wrong with its files, or before that with its build or its patterns.
    """
    from hashlib import file_digest
    from tempfile import SpooledTemporaryFile

    where = _within(artifact.at("path"))
    if build := artifact.get("build"):
        run_build(build, folder)
    content = SpooledTemporaryFile(HELD_IN_MEMORY)  # noqa: SIM115 (it outlives this call)
    try:
        sizes = _fill(content, artifact, folder, where, UNZIPPED_LIMIT if for_function else None)
        size = content.seek(0, os.SEEK_END)
        content.seek(0)
        digest = file_digest(content, "sha256").hexdigest()
        content.seek(0)
    except BaseException:
        content.close()
        raise
    return Artifact(cast("BinaryIO", content), digest, size, sum(sizes.values()), artifact.origin)


def unbuilt(artifact: Traced, folder: Path, *, for_function: bool) -> Artifact:
    """A placeholder for the artifact: nothing is run, and what `build` does not make is looked at, not zipped.

    Raises `Rejected` with what is wrong with its files.
    """
    from io import BytesIO

    where = _within(artifact.at("path"))
    sizes: Mapping[str, int] = {}
    if "build" not in artifact.value:
        sizes = _sizes(artifact, folder, where, UNZIPPED_LIMIT if for_function else None)
    return Artifact(BytesIO(), _PLACEHOLDER, 0, sum(sizes.values()), artifact.origin)


def _sizes(artifact: Traced, folder: Path, where: str, limit: int | None) -> Mapping[str, int]:
    """The sizes of a folder's files by name, none of which is read; a zip is read as ever."""
    from tempfile import SpooledTemporaryFile

    if not os.path.isdir(os.path.join(folder, where)):
        with SpooledTemporaryFile(HELD_IN_MEMORY) as content:
            return _fill(content, artifact, folder, where, limit)
    return {member.name: member.size for member in _members(artifact, folder, where, limit)}


def _members(artifact: Traced, folder: Path, where: str, limit: int | None) -> list[Member]:
    """The files of a folder that go into the zip."""
    path = os.path.join(folder, where)
    members, unfit = survey(path, _left_out(artifact, path, where))
    _accept(artifact.at("path"), {member.name: member.size for member in members}, unfit, limit)
    return members


def _within(path: Traced) -> str:
    where: str = posixpath.normpath(path.value)
    if posixpath.isabs(where) or f"{where}/".startswith("../"):
        hint = "give a path from the spec's folder; `build` may be the command that puts the artifact there"
        raise Rejected([fault("OM1301", f"{quoted(path.value)} is not inside the spec's folder", path, hint=hint)])
    if where == ".":
        message = "the artifact is the spec's own folder, so that what a build writes would change the next one"
        raise Rejected([fault("OM1301", message, path, hint="put what is to run into a folder of its own")])
    return where


def _fill(content: IO[bytes], artifact: Traced, folder: Path, where: str, limit: int | None) -> Mapping[str, int]:
    """Writes the zip, and returns the sizes of its files by name."""
    place, path = artifact.at("path"), os.path.join(folder, where)
    if os.path.isdir(path):
        members = _members(artifact, folder, where, limit)
        sizes = {member.name: member.size for member in members}
        _accept(place, sizes, store(members, content), limit)
    elif where.endswith(".zip") and os.path.isfile(path):
        if artifact.value.get("ignore"):
            hint = "leave it out; what is in a finished zip is not chosen here"
            message = "`ignore` has no effect on a .zip file"
            raise Rejected([fault("OM1110", message, artifact.at("ignore"), hint=hint, at_key=True)])
        try:
            for chunk in chunks(Member(where, path, os.path.getsize(path))):
                content.write(chunk)  # not `writelines`: a spooled file holds all of it in memory
        except Unfit as problem:
            _accept(place, {}, [problem], limit)
        sizes, unfit = inspect(content)
        _accept(place, sizes, unfit, limit)
    else:
        message = "is neither a folder nor a .zip file" if os.path.exists(path) else "does not exist"
        hint = "give a folder or a .zip file; `build` may be the command that makes it"
        if "build" in artifact.value:
            hint = "`build` has run, and is to make a folder or a .zip file there"
        raise Rejected([fault("OM1301", f"{quoted(where)} {message}", place, hint=hint)])
    return sizes


def _accept(place: Traced, sizes: Mapping[str, int], unfit: Iterable[Unfit], limit: int | None) -> None:
    """Raises `Rejected` unless there are files, all of them fit, and together they are within the limit."""
    faults = [fault(problem.code, problem.message, place, hint=problem.hint) for problem in unfit]
    if not sizes and not faults:
        hint = f"does `build` make its files, or do {IGNORE_FILE} and `ignore` leave all of them out?"
        faults.append(fault("OM1301", "the artifact has no files", place, hint=hint))
    if limit is not None and (total := sum(sizes.values())) > limit:
        largest = sorted(sizes, key=lambda name: (-sizes[name], name))[:5]
        listed = ", ".join(f"{quoted(name)} ({sizes[name]:,})" for name in largest)
        message = f"the artifact has {total:,} bytes unzipped; a function takes {limit:,} at most"
        faults.append(fault("OM1305", message, place, hint=f"leave files out; the largest are {listed}"))
    if faults:
        raise Rejected(faults)


def _left_out(artifact: Traced, path: str, where: str) -> LeftOut:
    """What the ignore file and then the spec's patterns leave out; as in git, the last that matches decides."""
    rules = _rules([*_ignore_file(artifact.at("path"), path, where), *_ignore_key(artifact)])[::-1]

    def left_out(name: str, is_folder: bool) -> bool:  # noqa: FBT001 (its type is `LeftOut`)
        if name == IGNORE_FILE:
            return True
        for pattern, folders_only in rules:
            found = pattern.match_file(name) if is_folder or not folders_only else None
            # A group takes part where a folder above matches: that one was judged when the walk came to it.
            if found and found.match.lastgroup is None:
                return bool(pattern.include)
        return False

    return left_out


def _ignore_file(place: Traced, path: str, where: str) -> Iterator[tuple[str, Span]]:
    file = os.path.join(path, IGNORE_FILE)
    if os.path.isfile(file):
        try:
            with open(file, encoding="utf-8-sig") as stream:
                text = stream.read()
        except (OSError, UnicodeDecodeError) as error:
            message = f'"{IGNORE_FILE}" cannot be read: {getattr(error, "strerror", "it is not UTF-8 text")}'
            raise Rejected([fault("OM1302", message, place, hint="it is a text as .gitignore is")]) from None
        source = Source(posixpath.normpath(posixpath.join(where, IGNORE_FILE)), text, Path(file).as_posix())
        for start, line in zip(source.line_starts, text.split("\n"), strict=True):
            yield line, Span(source, start, start + len(line))


def _ignore_key(artifact: Traced) -> Iterator[tuple[str, Origin]]:
    for pattern in artifact.at("ignore").elements() if "ignore" in artifact.value else ():
        yield pattern.value, pattern.origin


def _rules(lines: Iterable[tuple[str, Origin | Span]]) -> list[tuple[GitIgnoreSpecPattern, bool]]:
    """Each pattern, and whether it is for folders alone. Raises `Rejected` with all that are none."""
    rules, faults = [], []
    for line, place in lines:
        text = line if line.endswith("\\ ") else line.rstrip()
        if text and not text.startswith("#"):
            try:
                rules.append((_pattern(text), text.endswith("/")))
            except ValueError:
                hint = "patterns are those of .gitignore"
                faults.append(fault("OM1106", f"{quoted(text)} is not a pattern of files", place, hint=hint))
    if faults:
        raise Rejected(faults)
    return rules


def _pattern(text: str) -> GitIgnoreSpecPattern:
    """Raises `ValueError` for what is no pattern, or one that could never match."""
    import re
    import warnings
    from unicodedata import normalize

    from pathspec import GitIgnoreSpec

    with warnings.catch_warnings():
        warnings.simplefilter("error", FutureWarning)  # of `re`, for sets in sets such as `[[:alpha:]]`
        try:
            (pattern,) = GitIgnoreSpec.from_lines([normalize("NFC", text).removesuffix("/")]).patterns
        except (re.error, FutureWarning) as error:
            raise ValueError(text) from error
    if pattern.include is None:
        raise ValueError(text)
    return pattern
