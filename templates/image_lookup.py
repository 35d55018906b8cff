"""A custom resource: the newest machine image of an owner whose name matches a pattern."""

import json
import time
from typing import Any
from urllib.request import Request, urlopen

import boto3
from botocore.config import Config


def newest(owner: str, name: str, architecture: str) -> dict[str, str]:
    """The resource's attributes. Raises `LookupError` if no image matches."""
    wanted = {
        "name": name,
        "architecture": architecture,
        "state": "available",
        "root-device-type": "ebs",
        "virtualization-type": "hvm",
    }
    filters = [{"Name": key, "Values": [value]} for key, value in wanted.items()]
    config = Config(connect_timeout=5, read_timeout=15, retries={"mode": "standard", "total_max_attempts": 3})
    listing = boto3.client("ec2", config=config).get_paginator("describe_images")
    pages = listing.paginate(Owners=[owner], Filters=filters, PaginationConfig={"PageSize": 1000})
    images = [image for page in pages for image in page["Images"]]
    if not images:
        raise LookupError(f"{owner} has no available {architecture} image named {name}")
    image = max(images, key=lambda image: (image["CreationDate"], image["ImageId"]))
    return {key: image[key] for key in ("ImageId", "Name", "RootDeviceName")}


def send(url: str, answer: dict[str, Any]) -> None:
    """Puts an answer at the URL that is signed for it, and for no content type."""
    request = Request(url, json.dumps(answer).encode(), {"Content-Type": ""}, method="PUT")
    for pause in (1, 2, 4, 0):
        try:
            with urlopen(request, timeout=10):
                return
        except OSError:
            if not pause:
                raise
            time.sleep(pause)


def handler(event: dict[str, Any], _context: object) -> None:
    """Answers every event: a stack would wait an hour."""
    answer = {key: event[key] for key in ("StackId", "RequestId", "LogicalResourceId")}
    # With another physical id CloudFormation would delete the old one.
    answer |= {"Status": "SUCCESS", "PhysicalResourceId": event.get("PhysicalResourceId", event["LogicalResourceId"])}
    try:
        if event["RequestType"] != "Delete":
            wanted = event["ResourceProperties"]
            answer["Data"] = newest(wanted["Owner"], wanted["Name"], wanted["Architecture"])
    except Exception as error:
        reason = ascii(f"{type(error).__name__}: {error}")[1:-1]
        answer |= {"Status": "FAILED", "Reason": reason[:1000]}  # an answer has at most 4,096 bytes
    send(event["ResponseURL"], answer)
