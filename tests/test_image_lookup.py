"""The custom resource's Lambda code, against a server that speaks EC2's wire format and takes its answers."""

from __future__ import annotations

import importlib.util
import json
import re
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple
from urllib.parse import parse_qs

import pytest

CODE = Path(__file__).parent.parent / "templates" / "image_lookup.py"

CANONICAL = "099720109477"
PATTERN = "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-*-server-*"


class Image(NamedTuple):
    """An image as EC2 lists it."""

    image_id: str
    created: str
    name: str = "an-image"
    root: str = "/dev/sda1"

    @property
    def xml(self) -> str:
        return (
            f"<item><imageId>{self.image_id}</imageId><creationDate>{self.created}</creationDate>"
            f"<name>{self.name}</name><rootDeviceName>{self.root}</rootDeviceName></item>"
        )


OLD = Image("ami-0000000000000000a", "2025-12-31T23:59:59.000Z", "noble-old", "/dev/sda1")
NEW = Image("ami-00000000000000009", "2026-02-01T00:00:00.000Z", "noble-new", "/dev/xvda")


class Cloud:
    """EC2's DescribeImages, and the address at which a stack waits for answers."""

    def __init__(self) -> None:
        self.pages: list[list[Image]] = [[]]
        self.refusal = ""
        """An error of EC2, instead of pages."""
        self.lost = 0
        """How many of the next answers do not get through."""
        self.questions: list[dict[str, str]] = []
        self.answers: list[bytes] = []
        self.content_types: list[str | None] = []

    def describe_images(self, question: dict[str, str]) -> tuple[int, str]:
        """The status and the body of a page, or of a refusal."""
        self.questions.append(question)
        if self.refusal:
            error = f"<Error><Code>UnauthorizedOperation</Code><Message>{self.refusal}</Message></Error>"
            return 403, f"<Response><Errors>{error}</Errors><RequestID>r</RequestID></Response>"
        number = int(question.get("NextToken", "0"))
        token = f"<nextToken>{number + 1}</nextToken>" if number + 1 < len(self.pages) else ""
        images = "".join(image.xml for image in self.pages[number])
        return 200, f"<DescribeImagesResponse><imagesSet>{images}</imagesSet>{token}</DescribeImagesResponse>"

    def take(self, body: bytes, content_type: str | None) -> int:
        """Takes an answer, or loses it; the status."""
        if self.lost:
            self.lost -= 1
            return 503
        self.answers.append(body)
        self.content_types.append(content_type)
        return 200


def served(cloud: Cloud) -> ThreadingHTTPServer:
    """A server of a cloud, on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.reply(*cloud.describe_images({key: values[0] for key, values in form.items()}))

        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.reply(cloud.take(body, self.headers["Content-Type"]), "")

        def reply(self, status: int, text: str) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name is the base's)
            """Says nothing."""

    return ThreadingHTTPServer(("127.0.0.1", 0), Handler)


class Stack:
    """A stack with one resource of this kind; each event is handled as Lambda does."""

    def __init__(self, cloud: Cloud, url: str, handler: Callable[[dict[str, Any], object], None]) -> None:
        self.cloud = cloud
        self.url = url
        self.handler = handler

    def event(self, request: str, **changed: Any) -> dict[str, Any]:
        """Sends an event and returns the answer to it."""
        event = {
            "RequestType": request,
            "ResponseURL": f"{self.url}/answer?signature=s",
            "StackId": "arn:aws:cloudformation:eu-west-1:123456789012:stack/hello/1",
            "RequestId": "a-request",
            "LogicalResourceId": "WebServerImage",
            "ResourceType": "Custom::ImageLookup",
            "ResourceProperties": {"Owner": CANONICAL, "Name": PATTERN, "Architecture": "arm64"},
        }
        if request != "Create":
            event["PhysicalResourceId"] = "an-id-of-long-ago"
        self.handler(event | changed, None)
        answer: dict[str, Any] = json.loads(self.cloud.answers[-1])
        return answer


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


@pytest.fixture
def stack(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    server = served(cloud)
    url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("AWS_ENDPOINT_URL_EC2", url)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    spec = importlib.util.spec_from_file_location("index", CODE)
    assert spec
    assert spec.loader
    index = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(index)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield Stack(cloud, url, index.handler)
    server.shutdown()
    server.server_close()


def test_create_answers_with_the_newest_image_of_all_pages(cloud: Cloud, stack: Stack) -> None:
    """The attributes are those of the image made last, on whichever page EC2 lists it."""
    cloud.pages = [[OLD], [NEW, OLD._replace(created="2026-01-31T00:00:00.000Z")]]
    assert stack.event("Create") == {
        "Status": "SUCCESS",
        "PhysicalResourceId": "WebServerImage",
        "StackId": "arn:aws:cloudformation:eu-west-1:123456789012:stack/hello/1",
        "RequestId": "a-request",
        "LogicalResourceId": "WebServerImage",
        "Data": {"ImageId": NEW.image_id, "Name": "noble-new", "RootDeviceName": "/dev/xvda"},
    }
    assert len(cloud.questions) == 2


def test_images_are_asked_for_by_owner_name_and_architecture(cloud: Cloud, stack: Stack) -> None:
    """Only images that can be launched as a server are asked for, a thousand at a time."""
    cloud.pages = [[OLD]]
    stack.event("Create")
    (question,) = cloud.questions
    numbered = {key: value for key, value in question.items() if re.fullmatch(r"Filter\.\d+\..+", key)}
    filters = {numbered[f"Filter.{n}.Name"]: numbered[f"Filter.{n}.Value.1"] for n in range(1, len(numbered) // 2 + 1)}
    assert filters == {
        "name": PATTERN,
        "architecture": "arm64",
        "state": "available",
        "root-device-type": "ebs",
        "virtualization-type": "hvm",
    }
    assert (question["Owner.1"], question["MaxResults"]) == (CANONICAL, "1000")


@pytest.mark.parametrize("turned", [False, True])
def test_of_images_made_at_the_same_moment_one_is_always_chosen(cloud: Cloud, stack: Stack, *, turned: bool) -> None:
    """The choice does not depend on EC2's order."""
    twins = [OLD, NEW._replace(created=OLD.created)]
    cloud.pages = [twins[::-1] if turned else twins]
    assert stack.event("Create")["Data"]["ImageId"] == OLD.image_id


def test_update_answers_anew_and_keeps_the_physical_id(cloud: Cloud, stack: Stack) -> None:
    """A changed physical id would make CloudFormation send a Delete for the old one."""
    cloud.pages = [[NEW]]
    answer = stack.event("Update", OldResourceProperties={})
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", "an-id-of-long-ago")
    assert answer["Data"]["ImageId"] == NEW.image_id


def test_delete_succeeds_without_asking_ec2(cloud: Cloud, stack: Stack) -> None:
    """There is nothing to delete, so nothing can keep the stack from being deleted."""
    cloud.refusal = "not authorized"
    answer = stack.event("Delete", ResourceProperties={})
    assert (answer["Status"], answer["PhysicalResourceId"], cloud.questions) == ("SUCCESS", "an-id-of-long-ago", [])


@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_no_match_fails_and_says_what_was_looked_for(stack: Stack, request_type: str) -> None:
    """The reason names owner, architecture and pattern."""
    answer = stack.event(request_type)
    assert (answer["Status"], "Data" in answer) == ("FAILED", False)
    assert answer["Reason"] == f"LookupError: {CANONICAL} has no available arm64 image named {PATTERN}"


def test_a_refusal_of_ec2_is_the_reason(cloud: Cloud, stack: Stack) -> None:
    """What EC2 says stands in the stack's events."""
    cloud.refusal = "You are not authorized to perform this operation."
    answer = stack.event("Create")
    assert answer["Status"] == "FAILED"
    assert "UnauthorizedOperation" in answer["Reason"]
    assert cloud.refusal in answer["Reason"]


def test_a_missing_property_is_answered_too(stack: Stack) -> None:
    """Whatever is wrong, the stack does not wait for an answer in vain."""
    answer = stack.event("Create", ResourceProperties={"Name": PATTERN})
    assert (answer["Status"], answer["Reason"]) == ("FAILED", "KeyError: 'Owner'")


@pytest.mark.parametrize("character", ["x", "\u4e16", "\U0001f600", "&quot;", "\\", "&#10;"])
def test_a_long_reason_is_cut(cloud: Cloud, stack: Stack, character: str) -> None:
    """CloudFormation takes an answer of at most 4,096 bytes, whatever characters the reason is made of."""
    cloud.refusal = character * 5000
    answer = stack.event("Create", StackId="arn:" + "s" * 250, LogicalResourceId="L" * 255)
    assert answer["Reason"].startswith("ClientError: An error occurred (UnauthorizedOperation)")
    assert 1000 < len(cloud.answers[-1]) <= 4096


def test_answers_have_no_content_type(cloud: Cloud, stack: Stack) -> None:
    """The URL of an answer is signed for an empty content type; S3 refuses any other."""
    stack.event("Delete")
    assert cloud.content_types == [""]


def test_an_answer_that_does_not_get_through_is_sent_again(cloud: Cloud, stack: Stack) -> None:
    """A passing failure costs a few seconds."""
    cloud.lost = 3
    assert stack.event("Delete")["Status"] == "SUCCESS"


def test_an_answer_that_never_gets_through_fails_the_function(cloud: Cloud, stack: Stack) -> None:
    """The failure shows in the function's log and metrics."""
    cloud.lost = 4
    with pytest.raises(OSError, match="503"):
        stack.event("Delete")
    assert cloud.lost == 0
