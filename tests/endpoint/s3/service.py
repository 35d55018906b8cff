"""The operations of S3, for path-style addresses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import TypeAlias
from xml.etree import ElementTree as ET

from tests.endpoint.identity import Identity
from tests.endpoint.query import text
from tests.endpoint.s3 import multipart
from tests.endpoint.s3.buckets import Bucket, Object
from tests.endpoint.s3.checksums import PREFIX, etag, unchunked, verified
from tests.endpoint.s3.rest import kept_headers, refused, xml
from tests.endpoint.s3.routing import SETTINGS, routed
from tests.endpoint.wire import Answer, Params, Refusal, Request

_Operation: TypeAlias = Callable[[Bucket, Params, Request], Answer]


class S3:
    """The buckets of every account and region."""

    name = "s3"

    def __init__(self, identity: Identity) -> None:
        self.buckets: dict[str, Bucket] = {}
        self._identity = identity
        self._numbers = count(1)
        self._operations: dict[str, _Operation] = {
            "HeadBucket": self._head_bucket,
            "DeleteBucket": self._delete_bucket,
            "GetBucketLocation": self._location,
            "ListObjectsV2": self._list,
            "HeadObject": self._get_object,
            "GetObject": self._get_object,
            "PutObject": self._put_object,
            "DeleteObject": self._delete_object,
            "CreateMultipartUpload": self._create_upload,
            "UploadPart": multipart.send_part,
            "CompleteMultipartUpload": self._complete_upload,
            "AbortMultipartUpload": lambda bucket, params, _: multipart.abort(bucket, params),
        }

    def parse(self, request: Request) -> tuple[str, Params]:
        return routed(request)

    def perform(self, operation: str, params: Params, request: Request) -> Answer:
        headers, body = unchunked(request.headers, request.body)
        request = replace(request, headers=headers, body=body)
        if operation == "CreateBucket":
            return self._create_bucket(params, request)
        if operation == "ListBuckets":
            return self._list_buckets()
        bucket = self._bucket(params, request)
        if operation in self._operations:
            return self._operations[operation](bucket, params, request)
        return _setting(bucket, request)

    def refuse(self, refusal: Refusal, request: Request) -> Answer:
        return refused(refusal, request)

    def read(self, name: str, key: str) -> bytes | None:
        """The content of an object, for another service that was given its address."""
        bucket = self.buckets.get(name)
        found = bucket and bucket.find(key)
        return found.body if found else None

    def _bucket(self, params: Params, request: Request) -> Bucket:
        """The bucket that is asked for, if it is there, in this region, and not another account's."""
        bucket = self.buckets.get(params["Bucket"])
        if bucket is None:
            raise Refusal("NoSuchBucket", "The specified bucket does not exist", 404)
        owner = params.get("ExpectedBucketOwner", bucket.owner)
        if owner != bucket.owner or (bucket.closed and bucket.owner != self._identity.account):
            raise Refusal("AccessDenied", "Access Denied", 403, {"x-amz-bucket-region": bucket.region})
        region = request.scope[0]
        if region and region != bucket.region and "location" not in request.query:
            message = "The bucket you are attempting to access must be addressed using the specified endpoint."
            raise Refusal("PermanentRedirect", message, 301, {"x-amz-bucket-region": bucket.region})
        return bucket

    def _create_bucket(self, params: Params, request: Request) -> Answer:
        name, region = params["Bucket"], request.scope[0]
        wanted = _location(request.body)
        if (wanted or "us-east-1") != region:
            message = (
                f"The {wanted or 'unspecified'} location constraint is incompatible for the region specific endpoint."
            )
            raise Refusal("IllegalLocationConstraintException", message)
        if name in self.buckets:
            self._clash(self.buckets[name], region)
        else:
            self.buckets[name] = Bucket(name, self._identity.account, region)
        return Answer(200, b"", {"Location": f"/{name}"})

    def _clash(self, bucket: Bucket, region: str) -> None:
        """Refuses a name that is taken; us-east-1 says nothing to whoever has the bucket there already."""
        if bucket.owner != self._identity.account:
            message = "The requested bucket name is not available. Select a different name and try again."
            raise Refusal("BucketAlreadyExists", message, 409)
        if not bucket.region == region == "us-east-1":
            message = "Your previous request to create the named bucket succeeded and you already own it."
            raise Refusal("BucketAlreadyOwnedByYou", message, 409)

    def _list_buckets(self) -> Answer:
        own = sorted(name for name, bucket in self.buckets.items() if bucket.owner == self._identity.account)
        names = "".join(f"<Bucket><Name>{name}</Name></Bucket>" for name in own)
        return xml("ListAllMyBucketsResult", f"<Buckets>{names}</Buckets>")

    def _head_bucket(self, bucket: Bucket, _: Params, __: Request) -> Answer:
        return Answer(200, b"", {"x-amz-bucket-region": bucket.region})

    def _delete_bucket(self, bucket: Bucket, _: Params, __: Request) -> Answer:
        if bucket.versions:
            raise Refusal("BucketNotEmpty", "The bucket you tried to delete is not empty", 409)
        del self.buckets[bucket.name]
        return Answer(204)

    def _location(self, bucket: Bucket, _: Params, __: Request) -> Answer:
        return xml("LocationConstraint", "" if bucket.region == "us-east-1" else bucket.region)

    def _list(self, bucket: Bucket, _: Params, request: Request) -> Answer:
        prefix = request.query.get("prefix", "")
        found = [(key, body) for key, body in bucket.objects.items() if key.startswith(prefix)]
        entries = "".join(f"<Contents><Key>{text(k)}</Key><Size>{len(body)}</Size></Contents>" for k, body in found)
        head = f"<Name>{bucket.name}</Name><KeyCount>{len(found)}</KeyCount><IsTruncated>false</IsTruncated>"
        return xml("ListBucketResult", head + entries)

    def _get_object(self, bucket: Bucket, params: Params, request: Request) -> Answer:
        found = bucket.find(params["Key"], params.get("VersionId", ""))
        if found is None:
            raise Refusal("NoSuchKey", "The specified key does not exist.", 404)
        headers = {**found.headers, "ETag": found.etag, "Accept-Ranges": "bytes"}
        if request.headers.get(PREFIX + "mode", "").upper() == "ENABLED":
            kind = "COMPOSITE" if "-" in found.etag else "FULL_OBJECT"
            headers |= {PREFIX + name: value for name, value in found.checksums.items()}
            headers |= {PREFIX + "type": kind} if found.checksums else {}
        if found.version:
            headers["x-amz-version-id"] = found.version
        return Answer(200, found.body, headers)

    def _put_object(self, bucket: Bucket, params: Params, request: Request) -> Answer:
        checksums = verified(request.headers, request.body)
        if request.headers.get("if-none-match") == "*" and bucket.find(params["Key"]):
            raise Refusal("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412)
        version = self._version(bucket)
        kept = Object(request.body, etag(request.body), kept_headers(request.headers), checksums, version)
        bucket.keep(params["Key"], kept)
        headers = {"ETag": kept.etag, **{PREFIX + name: value for name, value in checksums.items()}}
        return Answer(200, b"", headers | ({"x-amz-version-id": version} if version else {}))

    def _create_upload(self, bucket: Bucket, params: Params, request: Request) -> Answer:
        return multipart.create(bucket, params, request, self._number("upload"))

    def _complete_upload(self, bucket: Bucket, params: Params, request: Request) -> Answer:
        return multipart.complete(bucket, params, request, self._version(bucket))

    def _delete_object(self, bucket: Bucket, params: Params, _: Request) -> Answer:
        bucket.versions.pop(params["Key"], None)
        return Answer(204)

    def _version(self, bucket: Bucket) -> str:
        return self._number("version") if bucket.versioned else ""

    def _number(self, of: str) -> str:
        return f"{of}-{next(self._numbers):08}"


def _location(body: bytes) -> str:
    """The region that a request to create a bucket asks for."""
    if not body:
        return ""
    return ET.fromstring(body).findtext("{*}LocationConstraint") or ""  # noqa: S314 (botocore wrote it)


def _setting(bucket: Bucket, request: Request) -> Answer:
    """Puts, reads or deletes one of a bucket's settings, which is kept as it was sent."""
    name = next(name for name in SETTINGS if name in request.query)
    if request.method == "PUT":
        verified(request.headers, request.body)
        bucket.settings[name] = request.body
        return Answer(204 if name in {"policy", "tagging"} else 200)
    if request.method == "DELETE":
        bucket.settings.pop(name, None)
        return Answer(204)
    if name in bucket.settings:
        return Answer(200, bucket.settings[name], {"Content-Type": "application/xml"})
    missing = SETTINGS[name][1]
    if not missing:
        return xml("VersioningConfiguration", "")
    raise Refusal(missing, "The configuration does not exist", 404)
