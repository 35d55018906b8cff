"""Reading files: whatever is named, there is an answer at once, and a diagnostic that tells which file it is about."""

from __future__ import annotations

import os
import socket
from contextlib import chdir
from pathlib import Path

import pytest

from omegac.diagnostics import Diagnostic, Rejected
from omegac.reading import MAX_BYTES, decode, read


def refused(path: Path) -> Diagnostic:
    """The one diagnostic of a file that cannot be read."""
    with pytest.raises(Rejected) as rejected:
        read(path, path.name)
    (diagnostic,) = rejected.value.diagnostics
    return diagnostic


def place(diagnostic: Diagnostic) -> tuple[str, int, int]:
    assert diagnostic.span
    return diagnostic.span.source.path, diagnostic.span.line, diagnostic.span.column


def test_what_is_no_file(tmp_path: Path) -> None:
    """A folder, a pipe nobody writes to, a socket, a device without an end and a link to itself are refused at once."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("link")
    with socket.socket(socket.AF_UNIX) as listener, chdir(tmp_path):
        listener.bind("socket")  # its whole path might have more characters than a socket's may
        found = {path: refused(path) for path in [tmp_path, *sorted(tmp_path.iterdir()), Path("/dev/zero")]}
    assert len(found) == 5
    for path, diagnostic in found.items():
        assert diagnostic.code == "OM1001"
        assert diagnostic.message.startswith(f"{path.name} cannot be read: ")
        assert place(diagnostic) == (path.as_posix(), 1, 1)


def test_what_is_not_there(tmp_path: Path) -> None:
    """A file that is not there is told of with the one that was probably meant."""
    (tmp_path / "omega.yml").touch()
    (tmp_path / "service").mkdir()
    (tmp_path / "service" / "omega.yaml").touch()
    hints = [refused(tmp_path / name).hint for name in ("omega.yaml", "service", "other", "nowhere/omega.yaml", "\0")]
    near, inside = tmp_path / "omega.yml", tmp_path / "service" / "omega.yaml"
    assert hints == [f'did you mean "{near}"?', f'did you mean "{inside}"?', None, None, None]


def test_a_name_that_is_too_long(tmp_path: Path) -> None:
    """A name that no file can have is refused as any other that cannot be read."""
    assert refused(tmp_path / ("x" * 5_000)).code == "OM1001"


def test_what_is_too_large(tmp_path: Path) -> None:
    """A file beyond the limit is refused without being read: this one has more bytes than there is memory."""
    path = tmp_path / "omega.yaml"
    path.touch()
    os.truncate(path, MAX_BYTES)
    assert len(read(path, "omega.yaml").text) == MAX_BYTES
    os.truncate(path, 1 << 42)
    diagnostic = refused(path)
    assert diagnostic.code == "OM1011"
    assert place(diagnostic) == (path.as_posix(), 1, 1)


@pytest.mark.parametrize(
    ("raw", "message", "at"),
    [
        (b"omega: 1\nservice: Caf\xe9", "omega.yaml is not UTF-8: byte 0xe9 at offset 21", (2, 13)),
        (b"\xef\xbb\xbfa: \xff", "omega.yaml is not UTF-8: byte 0xff at offset 6", (1, 4)),
        (b"\xff\xfeo\0", "omega.yaml is UTF-16, not UTF-8", (1, 1)),
        (b"\x89PNG\r\n\x1a\n\0\0", "omega.yaml is not text, but binary", (1, 1)),
    ],
    ids=["latin", "after a mark", "utf-16", "png"],
)
def test_what_is_no_text(raw: bytes, message: str, at: tuple[int, int]) -> None:
    """What is not UTF-8 is refused at the first byte that is not."""
    with pytest.raises(Rejected) as rejected:
        decode(raw, "omega.yaml")
    (diagnostic,) = rejected.value.diagnostics
    assert diagnostic.message == message
    assert place(diagnostic) == ("omega.yaml", *at)


def test_byte_order_mark() -> None:
    """A byte order mark at the start is left out."""
    assert decode(b"\xef\xbb\xbfomega: 1", "omega.yaml").text == "omega: 1"
