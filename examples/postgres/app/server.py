"""Says where the database is, and whether it can be reached."""

import os
import socket
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

DATABASE = Path("/etc/notes-database")


class Notes(BaseHTTPRequestHandler):
    """Answers every GET."""

    def do_GET(self):
        """Called by the server."""
        address = DATABASE.read_text().strip()
        try:
            socket.create_connection((address, 5432), timeout=3).close()
            status, answer = 200, f"{address} answers\n"
        except OSError as error:
            status, answer = 503, f"{address}: {error}\n"
        self.send_response(status)
        self.end_headers()
        self.wfile.write(answer.encode())


HTTPServer(("", int(os.environ["PORT"])), Notes).serve_forever()
