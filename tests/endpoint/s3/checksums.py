"""Checksums of what is uploaded, in a header or after the chunks of a body, and those of whole uploads in parts."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Callable, Iterable, Mapping

from tests.endpoint.wire import Refusal

PREFIX = "x-amz-checksum-"

_DIGESTS: dict[str, Callable[[bytes], bytes]] = {
    "crc32": lambda body: zlib.crc32(body).to_bytes(4, "big"),
    "sha1": lambda body: hashlib.sha1(body).digest(),  # noqa: S324 (the protocol's own)
    "sha256": lambda body: hashlib.sha256(body).digest(),
}
"""Those that Python can compute by itself; any other is kept as it was said."""


def unchunked(headers: Mapping[str, str], body: bytes) -> tuple[Mapping[str, str], bytes]:
    """A body without the framing of aws-chunked, and the headers with those that came after it."""
    if "aws-chunked" not in headers.get("content-encoding", ""):
        return headers, body
    whole, rest = b"", body
    while size := int((line := rest.split(b"\r\n", 1))[0].split(b";")[0], 16):
        whole += line[1][:size]
        rest = line[1][size + 2 :]
    trailers = (entry.partition(":") for entry in line[1].decode().split("\r\n") if ":" in entry)
    return {**headers, **{name.strip().lower(): value.strip() for name, _, value in trailers}}, whole


def verified(headers: Mapping[str, str], body: bytes) -> dict[str, str]:
    """The checksums that were said, by algorithm, once they have been found right."""
    said = {
        name.removeprefix(PREFIX): value
        for name, value in sorted(headers.items())
        if name.startswith(PREFIX) and name not in {PREFIX + "algorithm", PREFIX + "mode", PREFIX + "type"}
    }
    for algorithm, value in said.items():
        if algorithm in _DIGESTS and value != _encoded(_DIGESTS[algorithm](body)):
            raise Refusal("BadDigest", f"The {algorithm.upper()} you specified did not match the calculated checksum.")
    if "content-md5" in headers and headers["content-md5"] != _encoded(_md5(body)):
        raise Refusal("BadDigest", "The Content-MD5 you specified did not match what we received.")
    return said


def composite(algorithm: str, parts: Iterable[str]) -> str:
    """The checksum of an upload in parts: that of its parts' checksums, and their number."""
    digests = [base64.b64decode(part) for part in parts]
    return f"{_encoded(_DIGESTS[algorithm](b''.join(digests)))}-{len(digests)}"


def etag(body: bytes) -> str:
    """What identifies the content of an object sent at once."""
    return f'"{_md5(body).hex()}"'


def composite_etag(parts: Iterable[bytes]) -> str:
    """What identifies the content of an object sent in parts."""
    digests = [_md5(part) for part in parts]
    return f'"{_md5(b"".join(digests)).hex()}-{len(digests)}"'


def computed(algorithm: str, body: bytes) -> str | None:
    """A checksum of a body, as S3 computes one that it was not told."""
    return _encoded(_DIGESTS[algorithm](body)) if algorithm in _DIGESTS else None


def _md5(body: bytes) -> bytes:
    return hashlib.md5(body).digest()  # noqa: S324 (the protocol's own)


def _encoded(digest: bytes) -> str:
    return base64.b64encode(digest).decode()
