"""What the boots check requests by: botocore's signatures pass, and no others do; a policy allows what it says."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as Signing

from tests.boot.identity import Credentials, Request, Role, fault_of

OURS = Credentials.new()
SIGNAL = ("POST", "https://cloudformation.eu-west-1.amazonaws.com/", b"Action=SignalResource&Status=SUCCESS")
FETCH = ("GET", "https://artifacts.s3.eu-west-1.amazonaws.com/a%20b/x.zip?versionId=a%2Fb&acl=", b"")


def signed(
    call: tuple[str, str, bytes], credentials: Credentials = OURS, service: str = "", region: str = "eu-west-1"
) -> Request:
    """A call as botocore signs it and sends it; for the service that is called, if no other is said."""
    method, url, body = call
    s3 = ".s3." in url
    service = service or ("s3" if s3 else "cloudformation")
    request = AWSRequest(method, url, data=body, headers={"Host": urlsplit(url).netloc})
    signer = S3SigV4Auth if s3 else SigV4Auth
    signer(Signing(*credentials), service, region).add_auth(request)
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Request(method, urlsplit(url).path, urlsplit(url).query, headers, body)


@pytest.mark.parametrize("call", [SIGNAL, FETCH])
def test_what_the_role_signs_is_the_roles(call: tuple[str, str, bytes]) -> None:
    """A request that is signed with the credentials passes; one of another session, or of nobody, does not."""
    request = signed(call)
    assert fault_of(request, OURS) is None
    assert fault_of(signed(call, Credentials.new()), OURS) == "InvalidClientTokenId"
    stolen = OURS._replace(secret="another")  # noqa: S106 (of no account)
    assert fault_of(signed(call, stolen), OURS) == "SignatureDoesNotMatch"
    assert fault_of(request._replace(headers={}), OURS) == "MissingAuthenticationToken"


@pytest.mark.parametrize(
    ("call", "service", "fault"),
    [(SIGNAL, "cloudformation", "SignatureDoesNotMatch"), (FETCH, "s3", "AuthorizationHeaderMalformed")],
)
def test_a_signature_is_for_the_service_and_region_that_are_called(
    call: tuple[str, str, bytes], service: str, fault: str
) -> None:
    """A request that is well signed for another service, another region or both is refused."""
    assert fault_of(signed(call, service=service, region="eu-west-1"), OURS) is None
    for another in [(service, "ap-south-1"), ("sqs", "eu-west-1"), ("sqs", "ap-south-1"), ("s3", "ap-south-1")]:
        assert fault_of(signed(call, OURS, *another), OURS) == fault


def test_nothing_that_is_signed_may_be_changed() -> None:
    """Another method, path, query, header or body is not what was signed."""
    signal, fetch = signed(SIGNAL), signed(FETCH)
    changed = [
        signal._replace(body=b"Action=SignalResource&Status=FAILURE"),
        fetch._replace(method="HEAD"),
        fetch._replace(path="/a%20b/y.zip"),
        fetch._replace(query="versionId=c"),
        fetch._replace(headers=fetch.headers | {"host": "others.s3.eu-west-1.amazonaws.com"}),
    ]
    assert {fault_of(each, OURS) for each in changed} == {"SignatureDoesNotMatch"}
    other = fetch.headers | {"x-amz-content-sha256": hashlib.sha256(b"other").hexdigest()}
    assert fault_of(fetch._replace(headers=other), OURS) == "XAmzContentSHA256Mismatch"


def test_a_signature_gets_old() -> None:
    """A request of another hour is refused, however well it is signed."""
    request = signed(SIGNAL)
    old = datetime.now(UTC).replace(year=2020).strftime("%Y%m%dT%H%M%SZ")
    assert fault_of(request._replace(headers=request.headers | {"x-amz-date": old}), OURS) == "RequestExpired"


def test_a_role_may_do_what_a_policy_allows_and_none_denies() -> None:
    """Without a statement that matches both action and resource there is no right, and a denial prevails."""
    read = {"Effect": "Allow", "Action": ["s3:Get*"], "Resource": "arn:aws:s3:::artifacts/Shop/*"}
    role = Role("role", OURS, [read])
    assert role.allows("s3:GetObject", "arn:aws:s3:::artifacts/Shop/1.zip")
    assert not role.allows("s3:GetObject", "arn:aws:s3:::artifacts/Other/1.zip")
    assert not role.allows("s3:PutObject", "arn:aws:s3:::artifacts/Shop/1.zip")
    denied = Role("role", OURS, [read, {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}])
    assert not denied.allows("s3:GetObject", "arn:aws:s3:::artifacts/Shop/1.zip")
