"""AWS as an instance meets it: TLS, under AWS's own names, with no setting on the instance that would lead elsewhere.

Each request has to be signed with the role's credentials, and allowed by its policies. S3 is the local cloud's.
A signal to CloudFormation is noted and agreed to: the local cloud waits for none.
"""

from __future__ import annotations

import hashlib
import ssl
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import NamedTuple
from urllib.parse import parse_qs

from tests.boot.identity import Request, Role, fault_of

ADDRESS = "169.254.169.252"
_ANSWER = (
    '<SignalResourceResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">'
    "<ResponseMetadata><RequestId>00000000-0000-4000-8000-000000000000</RequestId></ResponseMetadata>"
    "</SignalResourceResponse>"
)
_REFUSAL = "<ErrorResponse><Error><Type>Sender</Type><Code>{0}</Code><Message>{0}</Message></Error></ErrorResponse>"
# Of one hop, not of the whole way (RFC 9110, section 7.6.1), or set anew.
_OF_ONE_HOP = {"authorization", "connection", "content-length", "date", "server", "transfer-encoding"}


class Signal(NamedTuple):
    """What an instance has told CloudFormation."""

    stack: str
    resource: str
    instance: str
    status: str


class Fetched(NamedTuple):
    """What an instance has downloaded from S3, and the SHA-256 of what it was given."""

    address: str
    digest: str


class Upstream(NamedTuple):
    """The local cloud, and who asks it there."""

    host: str
    port: int
    account: str
    region: str


class Front(ThreadingHTTPServer):
    """The one end point behind all names; what has come is in `signals`, `fetched` and `refused`."""

    daemon_threads = True

    def __init__(self, upstream: Upstream, role: Role, stack: str, certificate: Path) -> None:
        self.upstream, self.role, self.stack = upstream, role, stack
        self.signals: list[Signal] = []
        self.fetched: list[Fetched] = []
        self.refused: list[str] = []
        super().__init__((ADDRESS, 443), _Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Front

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, path, query, headers, body)
        name = headers["host"].removesuffix(f".{self.server.upstream.region}.amazonaws.com")
        fault = fault_of(request, self.server.role.credentials)
        if fault:
            self._refuse(fault)
        elif name == "cloudformation":
            self._signal(parse_qs(body.decode()))
        elif name.endswith(".s3"):
            self._fetch(name.removesuffix(".s3"), request)
        else:
            self._refuse("InvalidAction")

    do_GET = do_HEAD = do_POST = do_PUT = _serve  # noqa: N815 (the base looks for these names)

    def _signal(self, fields: Mapping[str, list[str]]) -> None:
        names = ("StackName", "LogicalResourceId", "UniqueId", "Status")
        if fields["Action"] != ["SignalResource"] or not self.server.role.allows(
            "cloudformation:SignalResource", self.server.stack
        ):
            self._refuse("AccessDenied")
            return
        self.server.signals.append(Signal(*(fields[name][0] for name in names)))
        self._write(200, {"Content-Type": "text/xml"}, _ANSWER.encode())

    def _fetch(self, bucket: str, request: Request) -> None:
        if request.method not in {"GET", "HEAD"} or not self.server.role.allows(
            "s3:GetObject", f"arn:aws:s3:::{bucket}{request.path}"
        ):
            self._refuse("AccessDenied")
            return
        host, port, account, region = self.server.upstream
        connection = HTTPConnection(host, port, timeout=60)
        kept = {name: value for name, value in request.headers.items() if name not in _OF_ONE_HOP}
        # The local cloud knows no role: it takes twelve digits for an account, and looks at no signature.
        signed = {"Authorization": f"AWS4-HMAC-SHA256 Credential={account}/20300101/{region}/s3/aws4_request"}
        connection.request(request.method, self.path, headers=kept | signed)
        answer = connection.getresponse()
        content = answer.read()
        length = answer.getheader("Content-Length") or str(len(content))
        passed = {name: value for name, value in answer.getheaders() if name.lower() not in _OF_ONE_HOP}
        connection.close()
        if request.method == "GET" and answer.status < 300:
            digest = hashlib.sha256(content).hexdigest()
            self.server.fetched.append(Fetched(f"s3://{bucket}{request.path}", digest))
        self._write(answer.status, passed | {"Content-Length": length}, content)

    def _refuse(self, code: str) -> None:
        self.server.refused.append(f"{code}: {self.command} {self.headers['Host']}{self.path}")
        self._write(403, {"Content-Type": "text/xml"}, _REFUSAL.format(code).encode())

    def _write(self, status: int, headers: Mapping[str, str], content: bytes) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(content))} | dict(headers)).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content if self.command != "HEAD" else b"")

    def log_message(self, *_words: object) -> None:
        """Says nothing."""


def certificate(folder: Path, region: str) -> Path:
    """A key and a certificate for AWS's names in a region, in one file; nobody else trusts it."""
    path = folder / "certificate.pem"
    names = ",".join(f"DNS:*.{service}{region}.amazonaws.com" for service in ("", "s3."))
    subject = ("-subj", f"/CN={region}.amazonaws.com", "-addext", f"subjectAltName={names}")
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc")
    made = ["openssl", "req", "-x509", "-days", "2", *key, *subject, "-keyout", "-", "-out", "-"]
    path.write_bytes(subprocess.run(made, capture_output=True, check=True).stdout)
    return path


@contextmanager
def served(server: ThreadingHTTPServer) -> Iterator[None]:
    """A server that answers, in a thread of its own."""
    thread = Thread(target=partial(server.serve_forever, poll_interval=0.05), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
