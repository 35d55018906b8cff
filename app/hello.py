"""Says hello: as a Lambda function, and as an HTTP server on port 9999."""

import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HELLO = "Hello world from SpartaOmega!"


def handler(event, context):
    """What AWS Lambda calls."""
    return {"statusCode": 200, "headers": {"Content-Type": "text/plain; charset=utf-8"}, "body": HELLO}


class Hello(BaseHTTPRequestHandler):
    """Answers every GET with the same hello."""

    def do_GET(self):
        """Called by the server."""
        body = HELLO.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def serve():
    """The command `httpServer`: listens until it is stopped."""
    port = int(os.environ.get("PORT", "9999"))
    print(f"listening on port {port}", flush=True)
    ThreadingHTTPServer(("", port), Hello).serve_forever()


if __name__ == "__main__":
    if sys.argv[1:] != ["httpServer"]:
        sys.exit("usage: python3 -m hello httpServer")
    serve()
