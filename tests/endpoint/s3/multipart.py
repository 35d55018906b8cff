"""Uploads in parts: begun, sent, and completed or given up."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from tests.endpoint.s3.buckets import Bucket, Object, Upload
from tests.endpoint.s3.checksums import PREFIX, composite, composite_etag, computed, etag, verified
from tests.endpoint.s3.rest import kept_headers, xml
from tests.endpoint.wire import Answer, Params, Refusal, Request


def create(bucket: Bucket, params: Params, request: Request, identifier: str) -> Answer:
    """Begins an upload."""
    algorithm = request.headers.get(PREFIX + "algorithm", "").lower()
    bucket.uploads[identifier] = Upload(params["Key"], kept_headers(request.headers), algorithm)
    content = f"<Bucket>{bucket.name}</Bucket><Key>{params['Key']}</Key><UploadId>{identifier}</UploadId>"
    return xml("InitiateMultipartUploadResult", content)


def send_part(bucket: Bucket, params: Params, request: Request) -> Answer:
    """Takes a part, once its checksum has been found right."""
    upload = _upload(bucket, params)
    said = verified(request.headers, request.body)
    if upload.algorithm and upload.algorithm not in said:
        checksum = computed(upload.algorithm, request.body)
        said = {upload.algorithm: checksum} if checksum else said
    part = Object(request.body, etag(request.body), checksums=said)
    upload.parts[params["PartNumber"]] = part
    bucket.part_puts[upload.key] += 1
    return Answer(200, b"", {"ETag": part.etag, **{PREFIX + name: value for name, value in said.items()}})


def complete(bucket: Bucket, params: Params, request: Request, version: str) -> Answer:
    """Puts the parts together that the request lists."""
    upload = _upload(bucket, params)
    parts = [_listed(upload, entry) for entry in ET.fromstring(request.body)]  # noqa: S314 (botocore wrote it)
    if not parts:
        raise Refusal("MalformedXML", "The XML you provided was not well-formed")
    checksums = {}
    if upload.algorithm and all(upload.algorithm in part.checksums for part in parts):
        checksums = {upload.algorithm: composite(upload.algorithm, (p.checksums[upload.algorithm] for p in parts))}
    whole = b"".join(part.body for part in parts)
    kept = Object(whole, composite_etag(part.body for part in parts), upload.headers, checksums, version)
    del bucket.uploads[params["UploadId"]]
    bucket.keep(upload.key, kept)
    said = "".join(f"<Checksum{name.upper()}>{value}</Checksum{name.upper()}>" for name, value in checksums.items())
    content = f"<Bucket>{bucket.name}</Bucket><Key>{upload.key}</Key><ETag>{kept.etag}</ETag>{said}"
    return xml("CompleteMultipartUploadResult", content, {"x-amz-version-id": version} if version else {})


def abort(bucket: Bucket, params: Params) -> Answer:
    """Forgets an upload with its parts."""
    _upload(bucket, params)
    del bucket.uploads[params["UploadId"]]
    return Answer(204)


def _upload(bucket: Bucket, params: Params) -> Upload:
    upload = bucket.uploads.get(params["UploadId"])
    if upload is None or upload.key != params["Key"]:
        raise Refusal("NoSuchUpload", "The specified multipart upload does not exist.", 404)
    return upload


def _listed(upload: Upload, entry: ET.Element) -> Object:
    """The part that an entry of the list names, if that is what was sent."""
    said = {child.tag.rpartition("}")[2]: child.text or "" for child in entry}
    part = upload.parts.get(int(said["PartNumber"]))
    if part is None or part.etag.strip('"') != said["ETag"].strip('"'):
        raise Refusal("InvalidPart", "One or more of the specified parts could not be found.")
    for name, value in part.checksums.items():
        if said.get(f"Checksum{name.upper()}", value) != value:
            raise Refusal("InvalidPart", "One or more of the specified parts did not match its checksum.")
    return part
