"""The store: what artifacts, large templates and maps are kept in, each under a key that its content decides."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator
from hashlib import sha256
from threading import Lock
from typing import BinaryIO, NamedTuple
from urllib.parse import quote

from omegac.artifact import Artifact
from omegac.cloud import PART_SIZE, Cloud, NotAllowed, Refused
from omegac.deployment.talk import Note, Talk, Upload
from omegac.diagnostics import Rejected, fault
from omegac.operations.bucket import Bucket
from omegac.operations.consent import Consent
from omegac.operations.own_bucket import own_bucket

_ABSENT = frozenset({"404", "NoSuchKey"})


class Store(NamedTuple):
    """A bucket, and what omegac keeps in it."""

    place: Bucket

    @property
    def bucket(self) -> str:
        """The bucket's name."""
        return self.place.name

    def send_artifact(self, artifact: Artifact, key: str, talk: Talk) -> None:
        """Sends an artifact if it is not there, and makes sure that it is, byte for byte."""
        checksums = _checksums(artifact)
        if self._holds(key, artifact.size, checksums):
            talk.say(Note(f"the artifact is already in {self.bucket}"))
            return
        self._send(artifact, key, talk)
        if not self._holds(key, artifact.size, checksums):
            message = f"{self.bucket} has other bytes under {key} than were sent"
            raise Rejected([fault("OM6007", message, hint="see who else writes to that bucket, and deploy again")])

    def send_text(self, key: str, text: str) -> None:
        """Sends a text in UTF-8, if it is not there."""
        content = text.encode()
        checksum = _base64(sha256(content).digest())
        if not self._holds(key, len(content), {checksum}):
            # S3 refuses bytes that have another checksum.
            self.place.call(
                "put_object", Key=key, Body=content, ChecksumSHA256=checksum, ContentType="application/json"
            )  # fmt: skip

    def text(self, key: str) -> str | None:
        """A text that was sent; None where there is none."""
        try:
            return self.place.cloud.fetch(self.bucket, key, ExpectedBucketOwner=self.place.owner).decode()
        except NotAllowed as error:
            raise Rejected([self.place.denial(error, key)]) from error
        except Refused as error:
            if error.code in _ABSENT:
                return None
            raise

    def url(self, key: str) -> str:
        """An address of a key for CloudFormation's `TemplateURL`, which takes this form as well as a virtual host's."""
        return f"{self.place.cloud.endpoint('s3')}/{self.bucket}/{quote(key)}"

    def _send(self, artifact: Artifact, key: str, talk: Talk) -> None:
        artifact.content.seek(0)
        try:
            self.place.cloud.send(
                _Kept(artifact.content),  # type: ignore[arg-type] # all that is read of a file is there
                self.bucket,
                key,
                _progress(artifact.size, talk),
                ChecksumAlgorithm="SHA256",
                ContentType="application/zip",
                ExpectedBucketOwner=self.place.owner,
            )
        except NotAllowed as error:
            raise Rejected([self.place.denial(error, key)]) from error
        finally:
            artifact.content.seek(0)

    def _holds(self, key: str, size: int, checksums: set[str]) -> bool:
        """Whether the very bytes are there. What another program sent without a SHA-256 is not known to be them."""
        try:
            found = self.place.call("head_object", Key=key, ChecksumMode="ENABLED")
        except Refused as error:
            if error.code in _ABSENT:
                return False
            raise
        return found.get("ContentLength") == size and found.get("ChecksumSHA256") in checksums


def bucket_name(cloud: Cloud, bucket: str | None) -> str:
    """The name of the bucket: the one that is named, or that of the account and region."""
    return bucket or f"omegac-{cloud.account}-{cloud.region}"


def open_store(cloud: Cloud, consent: Consent, bucket: str | None, owner: str | None) -> Store:
    """The store in a bucket, or in that of the account and region, which is made where there is none.

    A bucket that is named is never altered. Raises `Rejected` where it is of no use, and as `Consent.need` does.
    """
    if bucket is None:
        place = Bucket(cloud, bucket_name(cloud, None), cloud.account)
        own_bucket(place, consent)
        return Store(place)
    place = Bucket(cloud, bucket, owner or cloud.account)
    region = place.place()
    if region is None:
        hint = "make it, or leave --bucket out: omegac then makes one, after asking"
        raise Rejected([fault("OM6007", f"there is no bucket {bucket}", hint=hint)])
    if region != cloud.region:
        message = f"the bucket {bucket} is in {region}, and the stack in {cloud.region}"
        # Lambda's API reference, FunctionCode: "An Amazon S3 bucket in the same AWS Region as your function".
        hint = f"name a bucket in {cloud.region}: Lambda takes its code from its own region alone"
        raise Rejected([fault("OM6007", message, hint=hint)])
    return Store(place)


def store_at(cloud: Cloud, bucket: str, owner: str | None = None) -> Store:
    """The store in a bucket that something was sent to before: nothing is asked of it until it is read."""
    return Store(Bucket(cloud, bucket, owner or cloud.account))


def _checksums(artifact: Artifact) -> set[str]:
    """What S3 may say of an artifact: the digest of the whole, or, sent in parts, that of the parts' digests."""
    whole = artifact.code_sha256
    if artifact.size < PART_SIZE:
        return {whole}
    digests = [sha256(part).digest() for part in _parts(artifact.content)]
    return {whole, f"{_base64(sha256(b''.join(digests)).digest())}-{len(digests)}"}


def _parts(content: BinaryIO) -> Iterator[bytes]:
    content.seek(0)
    while part := content.read(PART_SIZE):
        yield part


def _base64(digest: bytes) -> str:
    return b64encode(digest).decode()


def _progress(size: int, talk: Talk) -> Callable[[int], None]:
    """Adds up what is sent; parts go by threads of their own. What is sent again is taken off first."""
    lock = Lock()
    total = 0

    def sent(count: int) -> None:
        nonlocal total
        with lock:
            total += count
            talk.say(Upload("artifact", total, size))

    return sent


class _Kept:
    """A file that stays open: boto3 closes what it has sent."""

    def __init__(self, file: BinaryIO) -> None:
        self.read, self.seek, self.tell = file.read, file.seek, file.tell

    def close(self) -> None:
        """Does nothing: whoever asked for the artifact closes it."""
