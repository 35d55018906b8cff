"""One application, run both ways: as a Lambda function by its handler, on an instance by `python3 hello.py httpServer`."""

import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def hello() -> str:
    return f"Hello from {os.environ['QUEUE_NAME']}!"


def handler(event, context):
    return {"statusCode": 200, "body": hello()}


class HelloResource(BaseHTTPRequestHandler):
    def do_GET(self):
        content = hello().encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


if __name__ == "__main__" and sys.argv[1:] == ["httpServer"]:
    ThreadingHTTPServer(("", int(os.environ["PORT"])), HelloResource).serve_forever()
