"""Applies the fixes that diagnostics carry to the files they are about."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from omegac.diagnostics import Diagnostic, Fix
from omegac.source import Source

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def apply(diagnostics: Iterable[Diagnostic]) -> list[Fix]:
    """Changes the files, and gives what it changed. Of fixes that overlap the first is applied, and the rest wait.

    A file that is no longer what was looked at is left alone.
    """
    by_source: dict[Source, dict[tuple[int, int], Fix]] = {}
    for diagnostic in diagnostics:
        fix = diagnostic.fix
        if fix:
            by_source.setdefault(fix.span.source, {}).setdefault((fix.span.start, fix.span.end), fix)
    applied: list[Fix] = []
    changed: set[str] = set()
    for source, fixes in sorted(by_source.items(), key=lambda item: item[0].path):
        chosen = _apart(fixes[place] for place in sorted(fixes))
        # Several stages read one file several times: what the first changed, the others see no more.
        if source.path not in changed and _write(source, chosen):
            changed.add(source.path)
            applied += chosen
    return applied


def _apart(fixes: Iterable[Fix]) -> list[Fix]:
    chosen: list[Fix] = []
    for fix in fixes:
        if not chosen or fix.span.start >= chosen[-1].span.end:
            chosen.append(fix)
    return chosen


def _write(source: Source, fixes: list[Fix]) -> bool:
    path = Path(source.path)
    if not path.is_file():
        return False
    raw = path.read_bytes()
    mark = _BYTE_ORDER_MARK if raw.startswith(_BYTE_ORDER_MARK) else b""
    if raw[len(mark) :] != source.text.encode():
        return False
    parts: list[str] = []
    last = 0
    for fix in fixes:
        parts += source.text[last : fix.span.start], fix.text
        last = fix.span.end
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        scratch.write_bytes(mark + "".join([*parts, source.text[last:]]).encode())
        scratch.chmod(path.stat().st_mode & 0o7777)
        scratch.replace(path.resolve())
    finally:
        scratch.unlink(missing_ok=True)
    return True
