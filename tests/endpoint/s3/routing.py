"""Which operation of S3 a request is: by its method, whether it has a key, and its subresource."""

from __future__ import annotations

from tests.endpoint.wire import Params, Request

# What can be put on a bucket and read back, by subresource, and what S3 answers if it was never put.
SETTINGS = {
    "encryption": ("BucketEncryption", "ServerSideEncryptionConfigurationNotFoundError"),
    "lifecycle": ("BucketLifecycleConfiguration", "NoSuchLifecycleConfiguration"),
    "ownershipControls": ("BucketOwnershipControls", "OwnershipControlsNotFoundError"),
    "policy": ("BucketPolicy", "NoSuchBucketPolicy"),
    "publicAccessBlock": ("PublicAccessBlock", "NoSuchPublicAccessBlockConfiguration"),
    "tagging": ("BucketTagging", "NoSuchTagSet"),
    "versioning": ("BucketVersioning", ""),
}

_VERBS = {"GET": "Get", "PUT": "Put", "DELETE": "Delete"}

_OBJECT = {
    "HEAD": "HeadObject",
    "GET": "GetObject",
    "PUT": "PutObject",
    "DELETE": "DeleteObject",
}

_BUCKET = {
    "HEAD": "HeadBucket",
    "GET": "ListObjectsV2",
    "PUT": "CreateBucket",
    "DELETE": "DeleteBucket",
}


def routed(request: Request) -> tuple[str, Params]:
    """The operation, and the bucket, the key and whatever else its address says."""
    bucket, _, key = request.path.lstrip("/").partition("/")
    named: Params = {"Bucket": bucket, "Key": key}
    params = {name: value for name, value in named.items() if value}
    if owner := request.headers.get("x-amz-expected-bucket-owner"):
        params["ExpectedBucketOwner"] = owner
    if key:
        return _of_object(request, params)
    return (_of_bucket(request) if bucket else "ListBuckets"), params


def _of_bucket(request: Request) -> str:
    if "location" in request.query:
        return "GetBucketLocation"
    for subresource, (name, _) in SETTINGS.items():
        if subresource in request.query:
            return _VERBS[request.method] + name
    return _BUCKET[request.method]


def _of_object(request: Request, params: Params) -> tuple[str, Params]:
    if "uploads" in request.query:
        return "CreateMultipartUpload", params
    if upload := request.query.get("uploadId"):
        params["UploadId"] = upload
        if request.method == "PUT":
            return "UploadPart", {**params, "PartNumber": int(request.query["partNumber"])}
        return ("CompleteMultipartUpload" if request.method == "POST" else "AbortMultipartUpload"), params
    if version := request.query.get("versionId"):
        params["VersionId"] = version
    return _OBJECT[request.method], params
