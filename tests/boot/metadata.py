"""The instance metadata service, version 2, as AWS documents it for instances of EC2."""

from __future__ import annotations

import json
import secrets
import socket
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple, TypeAlias

from tests.boot.identity import Role

ADDRESS = "169.254.169.254"
_VERSIONS = ("2009-04-04", "2016-09-02", "2018-09-24", "2021-03-23", "latest")
_LONGEST = 21600
Tree: TypeAlias = "Mapping[str, str | Tree]"


class Identity(NamedTuple):
    """What an instance can find out of itself."""

    id: str
    address: str
    mac: str
    account: str
    region: str
    role: Role
    user_data: bytes
    hop_limit: int
    """How far a token gets; a launch template says so."""
    needs_token: bool
    """Whether there is no answer without one; a launch template says so, too."""

    @property
    def zone(self) -> str:
        return f"{self.region}a"


class Metadata(ThreadingHTTPServer):
    """The service of one instance; answers get as far as the hop limit lets them."""

    daemon_threads = True

    def __init__(self, identity: Identity) -> None:
        self.identity = identity
        self.tokens: dict[str, float] = {}
        self.refused = 0
        super().__init__((ADDRESS, 80), _Handler)
        self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, identity.hop_limit)

    def answer(self, path: str) -> str | bytes | None:
        """What is at a path: a value, or the names in a folder."""
        version, *rest = path.strip("/").split("/")
        if not version:
            return "\n".join(_VERSIONS)
        if version not in _VERSIONS:
            return None
        if rest == ["user-data"]:
            return self.identity.user_data
        node: str | Tree = _tree(self.identity)
        for name in rest:
            if isinstance(node, str) or name not in node:
                return None
            node = node[name]
        if isinstance(node, str):
            return node
        return "\n".join(name if isinstance(below, str) else f"{name}/" for name, below in node.items())


class _Handler(BaseHTTPRequestHandler):
    """One request. Where a token is needed, there is no answer without one; nowhere is there one to a wrong token."""

    protocol_version, server_version, sys_version = "HTTP/1.1", "EC2ws", ""
    server: Metadata

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        seconds = self.headers.get("X-aws-ec2-metadata-token-ttl-seconds", "")
        if self.path != "/latest/api/token":
            self._write(405)
        elif "X-Forwarded-For" in self.headers:
            self._write(403)  # a proxy is no program of the instance
        elif not seconds.isdecimal() or not 1 <= int(seconds) <= _LONGEST:
            self._write(400)
        else:
            token = secrets.token_urlsafe(40)
            self.server.tokens[token] = time.monotonic() + int(seconds)
            self._write(200, token)

    def do_GET(self) -> None:
        token = self.headers.get("X-aws-ec2-metadata-token")
        if self._refuses(token):
            self.server.refused += 1
            self._write(401)
            return
        found = self.server.answer(self.path)
        self._write(404 if found is None else 200, found or "")

    def _refuses(self, token: str | None) -> bool:
        if token is None:
            return self.server.identity.needs_token
        return self.server.tokens.get(token, 0) < time.monotonic()

    def _write(self, status: int, body: str | bytes = "") -> None:
        content = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_words: object) -> None:
        """Says nothing."""


def _tree(identity: Identity) -> Tree:
    host = f"ip-{identity.address.replace('.', '-')}"
    name = f"{host}.{identity.region}.compute.internal"
    facts = {
        "accountId": identity.account,
        "architecture": "x86_64",
        "availabilityZone": identity.zone,
        "instanceId": identity.id,
        "instanceType": "t3.micro",
        "privateIp": identity.address,
        "region": identity.region,
    }
    role = identity.role
    profile = f"arn:aws:iam::{identity.account}:instance-profile/{role.name}"
    return {
        "dynamic": {"instance-identity": {"document": json.dumps(facts)}},
        "meta-data": {
            "ami-id": "ami-0123456789abcdef0",
            "hostname": name,
            "iam": {
                "info": json.dumps({"Code": "Success", "InstanceProfileArn": profile}),
                "security-credentials": {role.name: _credentials(role)},
            },
            "instance-id": identity.id,
            "instance-type": "t3.micro",
            "local-hostname": name,
            "local-ipv4": identity.address,
            "mac": identity.mac,
            "placement": {"availability-zone": identity.zone, "region": identity.region},
            "services": {"domain": "amazonaws.com", "partition": "aws"},
        },
        "user-data": "",
    }


def _credentials(role: Role) -> str:
    now = datetime.now(UTC)
    key, secret, token = role.credentials
    return json.dumps(
        {
            "Code": "Success",
            "LastUpdated": _written(now),
            "Type": "AWS-HMAC",
            "AccessKeyId": key,
            "SecretAccessKey": secret,
            "Token": token,
            "Expiration": _written(now + timedelta(hours=6)),
        }
    )


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
