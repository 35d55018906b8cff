"""The artifact: one zip, known by the digest of its bytes."""

from __future__ import annotations

from typing import BinaryIO, NamedTuple

from omegac.source import Origin


class Artifact(NamedTuple):
    """The zip that functions and servers run."""

    content: BinaryIO
    """Its bytes, at their start; to be closed by who asked for it."""
    sha256: str
    """Of its bytes, in 64 hexadecimal digits."""
    size: int
    """Of the zip, in bytes."""
    unzipped_size: int
    """Of all its files together, in bytes."""
    origin: Origin
    """Of the spec's `artifact`."""

    @property
    def key_name(self) -> str:
        """The end of its key in S3: the same bytes have the same key."""
        return f"{self.sha256}.zip"

    def key(self, service: str) -> str:
        """Its key in S3, apart from those of other services."""
        return f"{service}/{self.key_name}"

    @property
    def code_sha256(self) -> str:
        """The digest in base64, as Lambda's `CodeSha256` has it."""
        from base64 import b64encode

        return b64encode(bytes.fromhex(self.sha256)).decode()
