"""What S3 keeps: buckets, their objects in every version, and uploads that are not complete."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Object:
    """One version of an object."""

    body: bytes
    etag: str
    headers: dict[str, str] = field(default_factory=dict)
    """What is given back as it was sent: content type, metadata, encryption."""
    checksums: dict[str, str] = field(default_factory=dict)
    version: str = ""


@dataclass
class Upload:
    """An upload in parts, under way."""

    key: str
    headers: dict[str, str]
    algorithm: str
    parts: dict[int, Object] = field(default_factory=dict)


@dataclass
class Bucket:
    """A bucket; `closed`: its owner lets nobody else in. `settings` holds what was put, by subresource."""

    name: str
    owner: str
    region: str
    closed: bool = False
    settings: dict[str, bytes] = field(default_factory=dict)
    versions: dict[str, list[Object]] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)
    puts: Counter[str] = field(default_factory=Counter)
    """How often an object was sent whole, by key: at once, or in parts that were completed."""
    part_puts: Counter[str] = field(default_factory=Counter)
    """How many parts were sent, by key."""

    @property
    def versioned(self) -> bool:
        return b"<Status>Enabled</Status>" in self.settings.get("versioning", b"")

    @property
    def objects(self) -> dict[str, bytes]:
        """The content of each object, by key."""
        return {key: versions[-1].body for key, versions in sorted(self.versions.items())}

    def keep(self, key: str, kept: Object) -> None:
        """Adds a version of an object, or replaces the only one."""
        before = self.versions.get(key, []) if self.versioned else []
        self.versions[key] = [*before, kept]
        self.puts[key] += 1

    def find(self, key: str, version: str = "") -> Object | None:
        """An object, in its newest version or a given one."""
        versions = self.versions.get(key, [])
        if version:
            return next((kept for kept in versions if kept.version == version), None)
        return versions[-1] if versions else None
